"""Memory: idle sessions as browsers open them, offering permessage-deflate, or without; and what stays of them."""

from __future__ import annotations

import asyncio

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

ROUNDS = 3


async def run(target: Target, size: Size) -> Sample:
    sessions, timeout = size.of(1_000, 20), size.of(10, 1) / 10
    offered, left = await rounds(target, sessions, ROUNDS, timeout, deflate=True)
    plain, _ = await rounds(target, sessions, 1, timeout, deflate=False)
    return Sample(
        {
            "session": offered / sessions / 1e3,
            "plain": plain / sessions / 1e3,
            "first": left[0] / 1e6,
            "last": left[-1] / 1e6,
            "growth": left[-1] / left[0],
        },
        {"sessions": (ROUNDS + 1) * sessions},
    )


async def rounds(target: Target, sessions: int, count: int, timeout: float, *, deflate: bool) -> tuple[int, list[int]]:
    """Bytes that the first round of sessions takes, and bytes that are still there after each.

    Sessions end `timeout` seconds after they were left.
    """
    forgetful = {"CONVO_LIMITS__SESSION_TIMEOUT": str(timeout)}
    peak = 0
    left: list[int] = []
    async with Server.start(target, forgetful) as server:
        async with chats(target.chat, server.url, 5, deflate=deflate):
            pass  # warm
        start = server.rss()
        for _ in range(count):
            async with chats(target.chat, server.url, sessions, deflate=deflate):
                await asyncio.sleep(timeout / 2)
                peak = peak or server.rss() - start
            await asyncio.sleep(2 * timeout)
            left.append(server.rss() - start)
    return peak, left


BENCHMARK = Benchmark(
    "memory",
    (
        Figure("session", "RSS per idle session of 1,000 that offer permessage-deflate", "kB", Goal(60)),
        Figure("plain", "RSS per idle session of 1,000 that do not", "kB", Goal(55)),
        Figure("first", "kept after they left, first round", "MB"),
        Figure("last", "kept after the third round", "MB"),
        Figure("growth", "the third as a multiple of the first", "×", Goal(1.1)),
    ),
    run,
    repeats=3,
)
