"""Idle: what 1,000 sessions cost that do nothing but stay, over the 25 seconds in which each is pinged once."""

from __future__ import annotations

import asyncio
import time

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]


async def run(target: Target, size: Size) -> Sample:
    sessions, wait = size.of(1_000, 20), size.of(25, 1)
    async with Server.start(target) as server, chats(target.chat, server.url, sessions) as opened:
        await asyncio.sleep(size.of(3, 0))  # what opening them left to be done
        cpu, start = server.cpu(), time.monotonic()
        await asyncio.sleep(wait)
        share = (server.cpu() - cpu) / (time.monotonic() - start)
        replies = [await chat.ask("Still there?") for chat in opened]
    if any(reply.text != "Still there?" for reply in replies):
        raise AssertionError(f"{target.title} lost an idle session")
    return Sample({"cpu": share * 100}, {"sessions": len(replies)})


BENCHMARK = Benchmark(
    "idle", (Figure("cpu", "server CPU, 1,000 idle sessions", "% of a core", Goal(3)),), run, repeats=3
)
