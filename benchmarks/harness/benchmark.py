"""Benchmarks and their figures: the one shape that all of them have."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.harness.target import TARGETS, Target

__all__ = ["Benchmark", "Figure", "Goal", "Result", "Sample", "Size"]


@dataclass(frozen=True)
class Goal:
    """What convo must reach: a bound, in the figure's unit or as a multiple of the bare server in the same run."""

    bound: float
    is_least: bool = False
    is_multiple: bool = False

    def is_met(self, value: float, bare: float | None) -> bool | None:
        """`None` when there is no bare server to be compared with."""
        if self.is_multiple and bare is None:
            return None
        limit = self.bound * (bare or 0) if self.is_multiple else self.bound
        return value >= limit if self.is_least else value <= limit

    def __str__(self) -> str:
        return f"{'≥' if self.is_least else '≤'} {self.bound:g}{' × bare' if self.is_multiple else ''}"


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    key: str
    title: str
    unit: str
    goal: Goal | None = None


@dataclass(frozen=True)
class Size:
    """How much is measured: in full, or just enough to prove that the benchmark runs."""

    is_short: bool

    def of(self, full: int, short: int) -> int:
        return short if self.is_short else full


@dataclass(frozen=True)
class Sample:
    """One run on one target: measured values by a figure's key, and counts that are exact or an error."""

    values: dict[str, float]
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The samples of one benchmark on one target."""

    benchmark: str
    target: str
    samples: list[Sample]

    def median(self, key: str) -> float | None:
        values = [sample.values[key] for sample in self.samples if key in sample.values]
        return statistics.median(values) if values else None

    def spread(self, key: str) -> tuple[float, float] | None:
        """The lowest and the highest."""
        values = [sample.values[key] for sample in self.samples if key in sample.values]
        return (min(values), max(values)) if values else None


@dataclass(frozen=True)
class Benchmark:
    """A measurement that is repeated on every target in turn, so that a busy minute hits them all.

    `needs` is a command that must be installed.
    """

    name: str
    figures: tuple[Figure, ...]
    run: Callable[[Target, Size], Awaitable[Sample]]
    repeats: int = 5
    only: frozenset[str] = frozenset(TARGETS)
    needs: str | None = None

    async def measure(self, targets: Iterable[Target], size: Size) -> list[Result]:
        results = [Result(self.name, target.name, []) for target in targets if target.name in self.only]
        for _ in range(1 if size.is_short else self.repeats):
            for result in results:
                result.samples.append(await self.run(TARGETS[result.target], size))
        return results
