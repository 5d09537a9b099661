"""Heap: what a page keeps of chats that were left, and what a message on screen weighs."""

from __future__ import annotations

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.browser import Tab, chromium, tab
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

TOKENS = 300
RATE = 2_000


async def run(target: Target, size: Size) -> Sample:
    count = size.of(50, 1)
    async with Server.start(target) as server, chromium() as browser, tab(browser, target) as one:
        await one.open(server.url)
        await _chats(one, count)
        first = await one.heap()
        await _chats(one, count)
        second = await one.heap()
        for _ in range(count):
            await one.ask(f"prose {TOKENS} {RATE}")
        full = await one.heap()
    return Sample(
        {
            "kept": (second.bytes - first.bytes) / count / 1e3,
            "nodes": (second.nodes - first.nodes) / count,
            "listeners": (second.listeners - first.listeners) / count,
            "empty": second.bytes / 1e6,
            "message": (full.bytes - second.bytes) / (2 * count) / 1e3,
        },
        {"chats": 2 * count, "messages": 2 * count},
    )


async def _chats(one: Tab, count: int) -> None:
    for _ in range(count):
        await one.ask(f"prose {TOKENS} {RATE}")
        await one.new_chat()
    await one.settle()


BENCHMARK = Benchmark(
    "heap",
    (
        Figure("kept", "kept of a chat that was left: heap", "kB"),
        Figure("nodes", "kept of a chat that was left: DOM nodes", "", Goal(2)),
        Figure("listeners", "kept of a chat that was left: listeners", "", Goal(0.1)),
        Figure("empty", "heap after 100 chats", "MB"),
        Figure("message", "heap per message on screen", "kB"),
    ),
    run,
    repeats=3,
    only=frozenset({"convo"}),
    needs="chromium",
)
