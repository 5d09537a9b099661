"""Paced: 50 sessions that stream 50 tokens a second each. Shows how late tokens come, and what waiting saves."""

from __future__ import annotations

import asyncio
import time

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.quantile import quantile
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

RATE = 50


async def run(target: Target, size: Size) -> Sample:
    sessions, count = size.of(50, 5), size.of(400, 25)
    delays: list[float] = []

    def take(text: str, at: float) -> None:
        delays.extend(at - float(due) for due in text.split())

    async def stream(chat: Chat) -> str:
        return (await chat.ask(f"paced {count} {RATE}", take)).text

    async with Server.start(target) as server, chats(target.chat, server.url, sessions) as clients:
        await asyncio.gather(*(chat.ask("paced 10 50") for chat in clients))  # warm
        cpu, start = server.cpu(), time.monotonic()
        texts = await asyncio.gather(*(stream(chat) for chat in clients))
        share = (server.cpu() - cpu) / (time.monotonic() - start)
    for text in texts:
        due = [float(one) for one in text.split()]
        if len(due) != count or due != sorted(due):
            raise AssertionError(f"{target.title} lost or reordered tokens")
    return Sample(
        {"p50": quantile(delays, 0.5) * 1e3, "p99": quantile(delays, 0.99) * 1e3, "cpu": share * 100},
        {"tokens": len(delays)},
    )


BENCHMARK = Benchmark(
    "paced",
    (
        Figure("p50", "delay from schedule, p50", "ms", Goal(30)),
        Figure("p99", "delay from schedule, p99", "ms", Goal(60)),
        Figure("cpu", "server CPU", "% of a core", Goal(0.6, is_multiple=True)),
    ),
    run,
    repeats=3,
)
