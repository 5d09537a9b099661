"""Closed loop: 50 clients that ask again as soon as they are answered. Shows how many messages a core can take."""

from __future__ import annotations

import asyncio
import time

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]


async def run(target: Target, size: Size) -> Sample:
    clients, count = size.of(50, 5), size.of(100, 10)

    async def ask(chat: Chat, name: str, count: int) -> int:
        for number in range(count):
            reply = await chat.ask(f"{name}: {number}")
            if reply.text != f"{name}: {number}":
                raise AssertionError(f"{target.title} answered {reply.text!r}")
        return count

    async with Server.start(target) as server, chats(target.chat, server.url, clients) as opened:
        await asyncio.gather(*(ask(chat, "warm", 5) for chat in opened))
        cpu, start = server.cpu(), time.monotonic()
        total = sum(await asyncio.gather(*(ask(chat, f"Client {i}", count) for i, chat in enumerate(opened))))
        seconds, spent = time.monotonic() - start, server.cpu() - cpu
    return Sample(
        {"rate": total / seconds, "cpu": spent / total * 1e6, "load": spent / seconds * 100}, {"replies": total}
    )


BENCHMARK = Benchmark(
    "closed_loop",
    (
        Figure("rate", "messages per second, 50 clients", "/s", Goal(2_000, is_least=True)),
        Figure("cpu", "server CPU per message", "µs"),
        Figure("load", "server CPU", "% of a core"),
    ),
    run,
)
