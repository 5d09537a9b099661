"""List: the first page of 1,000 threads of 40 steps each, from SQLite."""

from __future__ import annotations

from functools import partial

import msgspec
from convo.datalayer import Pagination

from benchmarks.harness.archive import Watch, archive
from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chainlit_history import measured
from benchmarks.harness.corpus import OWNER
from benchmarks.harness.quantile import quantile
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

PAGE = Pagination(first=20)


async def run(target: Target, size: Size) -> Sample:
    threads, steps, times = size.of(1_000, 30), size.of(40, 4), size.of(200, 5)
    if target.peer is not None:
        figures = await measured(target, "list", threads, steps, size.of(5, 2))
        return Sample(figures, {"threads": threads, "steps": steps, "listed": int(figures.pop("found"))})
    watch = Watch()
    async with archive(threads, steps) as layer:
        for _number in range(times):
            page = await watch.call(partial(layer.list_threads, OWNER, PAGE))
    values = {
        "p50": quantile(watch.seconds, 0.5) * 1e3,
        "p95": quantile(watch.seconds, 0.95) * 1e3,
        "statements": watch.statements / times,
        "bytes": len(msgspec.json.encode(page.threads)) / 1e3,
    }
    return Sample(values, {"threads": threads, "steps": steps, "listed": len(page.threads)})


BENCHMARK = Benchmark(
    "list",
    (
        Figure("p50", "20 of 1,000 threads, p50", "ms"),
        Figure("p95", "the same, p95", "ms", Goal(20)),
        Figure("statements", "statements of that", "", Goal(2)),
        Figure("bytes", "the page as JSON", "kB", Goal(20)),
    ),
    run,
    repeats=3,
    only=frozenset({"convo", "chainlit"}),
)
