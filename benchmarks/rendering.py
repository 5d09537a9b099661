"""Rendering: an answer in Markdown with code at 50 tokens a second, below 0, 200 and 500 messages."""

from __future__ import annotations

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.browser import chromium, tab
from benchmarks.harness.page import PAGES
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

RATE = 50
MESSAGES = (0, 200, 500)
SHORT_MESSAGES = (0, 20)


async def run(target: Target, size: Size) -> Sample:
    count, shorter = size.of(400, 25), size.of(100, 10)
    values: dict[str, float] = {}
    characters = 0
    async with Server.start(target) as server, chromium() as browser:
        for messages in SHORT_MESSAGES if size.is_short else MESSAGES:
            async with tab(browser, target) as one:
                await one.open(server.url)
                await one.fill(messages)
                answer = await one.ask(f"prose {count} {RATE}", due=count / RATE)
                frames = await one.frame_rate(f"prose {shorter} {RATE}", shorter / RATE)
            characters += len(answer.text)
            values |= {
                f"script {messages}": answer.work.script / count * 1e3,
                f"task {messages}": answer.work.task / count * 1e3,
                f"layout {messages}": (answer.work.layout + answer.work.style) / count * 1e3,
                f"longest {messages}": answer.longest * 1e3,
                f"frames {messages}": frames,
            }
    return Sample(values, {"tokens": count * (len(values) // 5), "characters": characters})


def figures(messages: int) -> tuple[Figure, ...]:
    place = f"below {messages} messages" if messages else "in a new chat"
    return (
        Figure(f"script {messages}", f"script per token, {place}", "ms", Goal(1)),
        Figure(f"task {messages}", f"main thread per token, {place}", "ms"),
        Figure(f"layout {messages}", f"of it layout and style, {place}", "ms"),
        Figure(f"longest {messages}", f"longest task, {place}; 0 if none took 50", "ms", Goal(50)),
        Figure(f"frames {messages}", f"frames per second, {place}", "/s", Goal(50, is_least=True)),
    )


BENCHMARK = Benchmark(
    "rendering",
    tuple(figure for messages in MESSAGES for figure in figures(messages)),
    run,
    repeats=3,
    only=frozenset(PAGES),
    needs="chromium",
)
