"""`python -m benchmarks`: measure, print the table, and write it if asked."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from benchmarks import closed_loop, first_load, memory, paced, roundtrip, startup, tokens
from benchmarks.harness.benchmark import Benchmark, Result, Size
from benchmarks.harness.table import as_json, machine, table
from benchmarks.harness.target import TARGETS

__all__ = ["BENCHMARKS", "main"]

BENCHMARKS: dict[str, Benchmark] = {
    module.BENCHMARK.name: module.BENCHMARK
    for module in (tokens, paced, roundtrip, closed_loop, memory, startup, first_load)
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="hatch run bench", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=BENCHMARKS, help=", ".join(BENCHMARKS))
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all samples")
    parser.add_argument("--short", action="store_true", help="prove that they run; the times mean nothing")
    options = parser.parse_args(arguments)
    measured = asyncio.run(_measure(options.only or list(BENCHMARKS), Size(options.short)))
    print(table(measured))
    print(f"\nMedians. Measured on {', '.join(f'{name} {value}' for name, value in machine().items())}.")
    if options.json is not None:
        options.json.write_text(json.dumps(as_json(measured), indent=2) + "\n", encoding="utf-8")
    return 0


async def _measure(names: list[str], size: Size) -> list[tuple[Benchmark, list[Result]]]:
    measured = []
    for name in names:
        print(f"→ {name}", file=sys.stderr, flush=True)
        measured.append((BENCHMARKS[name], await BENCHMARKS[name].measure(TARGETS.values(), size)))
    return measured


if __name__ == "__main__":
    raise SystemExit(main())
