"""Search: words from rare to frequent in 100,000 messages, in SQLite."""

from __future__ import annotations

from functools import partial

from convo.datalayer import Pagination

from benchmarks.harness.archive import Watch, archive
from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chainlit_history import measured
from benchmarks.harness.corpus import OWNER, SEARCHES
from benchmarks.harness.quantile import quantile
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]


async def run(target: Target, size: Size) -> Sample:
    threads, steps, times = size.of(1_000, 30), size.of(100, 4), size.of(20, 2)
    if target.peer is not None:
        figures = await measured(target, "search", threads, steps, size.of(3, 1))
        return Sample(figures, {"messages": threads * steps, "found": int(figures.pop("found"))})
    values: dict[str, float] = {}
    async with archive(threads, steps) as layer:
        for key, text in SEARCHES.items():
            watch = Watch()
            for _number in range(times):
                page = await watch.call(partial(layer.search_threads, OWNER, text, Pagination()))
            values[key] = quantile(watch.seconds, 0.95) * 1e3
    return Sample(values, {"messages": threads * steps, "found": len(page.hits)})


BENCHMARK = Benchmark(
    "search",
    (
        Figure("rare", "a rare word in 100,000 messages, p95", "ms", Goal(100)),
        Figure("usual", "a word of every fiftieth message, p95", "ms", Goal(100)),
        Figure("two", "two words, p95", "ms", Goal(100)),
        Figure("frequent", "a word of nearly every message, p95", "ms", Goal(100)),
    ),
    run,
    repeats=1,  # filling the history takes a minute
    only=frozenset({"convo", "chainlit"}),
)
