"""Tables: results for people, and for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.harness.benchmark import Benchmark, Result
from benchmarks.harness.target import Target

__all__ = ["as_json", "machine", "table"]


def table(measured: Iterable[tuple[Benchmark, list[Result]]], targets: Sequence[Target]) -> str:
    """Markdown: a row per figure, with the medians of all `targets`, convo's spread, and the goal."""
    titles = ["benchmark", "figure", *(target.title for target in targets), "convo's range", "goal", "met"]
    names = [target.name for target in targets]
    rows = [titles, ["---"] * len(titles)]
    for benchmark, results in measured:
        by_target = {result.target: result for result in results}
        for figure in benchmark.figures:
            medians = {name: result.median(figure.key) for name, result in by_target.items()}
            if figure.goal is None and all(median is None for median in medians.values()):
                continue  # a short run has less to show
            mine = medians.get("convo")
            spread = by_target["convo"].spread(figure.key) if "convo" in by_target else None
            is_met = None if mine is None or figure.goal is None else figure.goal.is_met(mine, medians.get("bare"))
            rows.append(
                [
                    benchmark.name,
                    f"{figure.title}, {figure.unit}" if figure.unit else figure.title,
                    *(_number(medians.get(name)) for name in names),
                    f"{_number(spread[0])} – {_number(spread[1])}" if spread else "",
                    str(figure.goal or ""),
                    "" if is_met is None else "yes" if is_met else "no",
                ]
            )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def as_json(measured: Iterable[tuple[Benchmark, list[Result]]]) -> dict[str, Any]:
    """All samples, with what they were measured on."""
    return {
        "machine": machine(),
        "results": [
            {
                "benchmark": result.benchmark,
                "target": result.target,
                "medians": {figure.key: result.median(figure.key) for figure in benchmark.figures},
                "samples": [{"values": sample.values, "counts": sample.counts} for sample in result.samples],
            }
            for benchmark, results in measured
            for result in results
        ],
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on, and how busy it was."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def _cpu() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor()


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
