"""Search: words from rare to frequent in 100,000 messages, in SQLite."""

from __future__ import annotations

from functools import partial

from convo.datalayer import Pagination

from benchmarks.harness.archive import OWNER, VOCABULARY, Watch, archive
from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.quantile import quantile
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

RARE, USUAL, FREQUENT = 10_000, 300, 0  # the ranks of words


async def run(_: Target, size: Size) -> Sample:
    threads, steps, times = size.of(1_000, 30), size.of(100, 4), size.of(20, 2)
    searches = {
        "rare": VOCABULARY[RARE],
        "usual": VOCABULARY[USUAL],
        "two": f"{VOCABULARY[FREQUENT]} {VOCABULARY[USUAL]}",
        "frequent": VOCABULARY[FREQUENT],
    }
    values: dict[str, float] = {}
    async with archive(threads, steps) as layer:
        for key, text in searches.items():
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
    only=frozenset({"convo"}),
)
