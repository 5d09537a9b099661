"""Load: the same stream in ever more sessions. Alone, a token leaves at once; in a crowd, frames grow and cost less."""

from __future__ import annotations

from contextlib import AsyncExitStack

from benchmarks.harness.benchmark import Benchmark, Figure, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.server import Server
from benchmarks.harness.streams import Streams
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

LEVELS = (1, 10, 50, 100, 200, 300)
SHORT_LEVELS = (1, 4)


async def run(target: Target, size: Size) -> Sample:
    values: dict[str, float] = {}
    tokens = 0
    async with Server.start(target) as server, AsyncExitStack() as stack:
        opened: list[Chat] = []
        for level in SHORT_LEVELS if size.is_short else LEVELS:
            opened += await stack.enter_async_context(chats(target.chat, server.url, level - len(opened)))
            streams = await Streams.measure(server, opened, size.of(50, 5) / 10)
            tokens += streams.tokens
            values |= {
                f"p50 {level}": streams.quantile(0.5) * 1e3,
                f"p99 {level}": streams.quantile(0.99) * 1e3,
                f"frames {level}": streams.frames,
                f"cpu {level}": streams.cpu * 1e6,
                f"client {level}": streams.client.p99 * 1e3,
            }
    return Sample(values, {"tokens": tokens})


def figures(level: int) -> tuple[Figure, ...]:
    sessions = f"{level} session{'s' if level > 1 else ''}"
    return (
        Figure(f"p50 {level}", f"{sessions}: delay from schedule, p50", "ms"),
        Figure(f"p99 {level}", f"{sessions}: delay from schedule, p99", "ms"),
        Figure(f"frames {level}", f"{sessions}: frames per token", ""),
        Figure(f"cpu {level}", f"{sessions}: server CPU per token", "µs"),
        Figure(f"client {level}", f"{sessions}: lateness of the client itself, p99", "ms"),
    )


BENCHMARK = Benchmark("load", tuple(figure for level in LEVELS for figure in figures(level)), run, repeats=3)
