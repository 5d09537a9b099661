"""Roundtrip: one session that asks, waits for the complete answer, and asks again."""

from __future__ import annotations

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.quantile import quantile
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]


async def run(target: Target, size: Size) -> Sample:
    count = size.of(300, 20)
    seconds: list[float] = []
    async with Server.start(target) as server, chats(target.chat, server.url, 1) as (chat,):
        for _ in range(10):
            await chat.ask("warm")
        before = server.cpu()
        for number in range(count):
            reply = await chat.ask(f"Message {number}")
            if reply.text != f"Message {number}":
                raise AssertionError(f"{target.title} answered {reply.text!r}")
            seconds.append(reply.seconds)
        spent = server.cpu() - before
    return Sample(
        {
            "p50": quantile(seconds, 0.5) * 1e3,
            "p99": quantile(seconds, 0.99) * 1e3,
            "cpu": spent / count * 1e6,
        },
        {"replies": len(seconds)},
    )


BENCHMARK = Benchmark(
    "roundtrip",
    (
        Figure("p50", "message to complete reply, p50", "ms", Goal(1.5)),
        Figure("p99", "message to complete reply, p99", "ms"),
        Figure("cpu", "server CPU per message", "µs", Goal(3, is_multiple=True)),
    ),
    run,
)
