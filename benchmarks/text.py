"""Text: 5,000 tokens of Markdown with code, tables and formulas at 100 a second, below 500 messages."""

from __future__ import annotations

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.browser import chromium, tab
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

RATE = 100


async def run(target: Target, size: Size) -> Sample:
    count, messages = size.of(5_000, 60), size.of(500, 10)
    async with Server.start(target) as server, chromium() as browser, tab(browser, target) as one:
        await one.open(server.url)
        await one.fill(messages)
        answer = await one.ask(f"rich {count} {RATE}", due=count / RATE)
    values = {
        "script": answer.work.script / count * 1e3,
        "task": answer.work.task / count * 1e3,
        "layout": (answer.work.layout + answer.work.style) / count * 1e3,
        "longest": answer.longest * 1e3,
    }
    return Sample(values, {"tokens": count, "characters": len(answer.text)})


BENCHMARK = Benchmark(
    "text",
    (
        Figure("script", "script per token of rich text, below 500 messages", "ms", Goal(1)),
        Figure("task", "main thread per token of rich text", "ms"),
        Figure("layout", "of it layout and style", "ms"),
        Figure("longest", "longest task; 0 if none took 50", "ms", Goal(100)),
    ),
    run,
    repeats=1,
    only=frozenset({"convo"}),
    needs="chromium",
)
