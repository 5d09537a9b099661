"""Memory: idle sessions as browsers open them, offering permessage-deflate; and what stays when they have gone."""

from __future__ import annotations

import asyncio

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

TIMEOUT_SECONDS = 1.0


async def run(target: Target, size: Size) -> Sample:
    sessions = size.of(500, 20)
    forgetful = {"CONVO_LIMITS__SESSION_TIMEOUT": str(TIMEOUT_SECONDS)}
    async with Server.start(target, forgetful) as server:
        async with chats(target.chat, server.url, 5, deflate=True):
            pass  # warm
        start = server.rss()
        left: list[int] = []
        peaks: list[int] = []
        for _ in range(2):
            async with chats(target.chat, server.url, sessions, deflate=True):
                await asyncio.sleep(0.5)
                peaks.append(server.rss())
            await asyncio.sleep(2 * TIMEOUT_SECONDS)
            left.append(server.rss())
    return Sample(
        {
            "session": (peaks[0] - start) / sessions / 1e3,
            "first": (left[0] - start) / 1e6,
            "growth": (left[1] - left[0]) / 1e6,
        },
        {"sessions": 2 * sessions},
    )


BENCHMARK = Benchmark(
    "memory",
    (
        Figure("session", "RSS per idle session, 500 sessions", "kB", Goal(60)),
        Figure("first", "RSS kept after they left, first round", "MB"),
        Figure("growth", "more kept after the second round", "MB"),
    ),
    run,
    repeats=3,
)
