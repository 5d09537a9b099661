"""Tokens: one answer as fast as it comes, to one client. Shows what a token costs before anything waits."""

from __future__ import annotations

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target
from benchmarks.servers.source import tokens

__all__ = ["BENCHMARK"]


async def run(target: Target, size: Size) -> Sample:
    count = size.of(20_000, 1_000)
    async with Server.start(target) as server, chats(target.chat, server.url, 1) as (chat,):
        await chat.ask(f"tokens {count // 10}")  # warm
        before = server.cpu()
        reply = await chat.ask(f"tokens {count}")
        spent = server.cpu() - before
    if reply.text != "".join(tokens(count)):
        raise AssertionError(f"{target.title} lost or reordered tokens")
    return Sample(
        {"cpu": spent / count * 1e6, "frames": reply.frames, "seconds": reply.seconds},
        {"tokens": len(reply.text.split()), "frames": reply.frames},
    )


BENCHMARK = Benchmark(
    "tokens",
    (
        Figure("cpu", "server CPU per token", "µs", Goal(4)),
        Figure("frames", "frames", ""),
        Figure("seconds", "until all are there", "s"),
    ),
    run,
)
