"""`python -m benchmarks`: measure, print the table, and write it if asked."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
from pathlib import Path

from benchmarks import (
    authorization,
    closed_loop,
    connect,
    first_load,
    heap,
    idle,
    listing,
    load,
    logins,
    memory,
    paced,
    page,
    pauses,
    platforms,
    recording,
    reload,
    rendering,
    resilience,
    resume,
    roundtrip,
    search,
    sessions,
    startup,
    telemetry,
    text,
    thread,
    tokens,
    tracing,
    turn,
    writes,
)
from benchmarks.harness.benchmark import Benchmark, Result, Size
from benchmarks.harness.peer import PeerError
from benchmarks.harness.table import as_json, machine, table
from benchmarks.harness.target import TARGETS, Target

__all__ = ["BENCHMARKS", "main"]

BENCHMARKS: dict[str, Benchmark] = {
    module.BENCHMARK.name: module.BENCHMARK
    for module in (
        tokens,
        paced,
        sessions,
        load,
        pauses,
        roundtrip,
        closed_loop,
        connect,
        memory,
        idle,
        resilience,
        reload,
        turn,
        tracing,
        telemetry,
        platforms,
        writes,
        recording,
        listing,
        search,
        resume,
        authorization,
        logins,
        startup,
        first_load,
        page,
        rendering,
        heap,
        text,
        thread,
    )
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="hatch run bench", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=BENCHMARKS, help=", ".join(BENCHMARKS))
    parser.add_argument("--targets", metavar="A,B", type=_targets, help=f"{', '.join(TARGETS)}; all unless said")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all samples")
    parser.add_argument("--short", action="store_true", help="prove that they run; the times mean nothing")
    options = parser.parse_args(arguments)
    size = Size(options.short)
    targets = options.targets or [one for one in TARGETS.values() if not size.is_short or _is_cheap(one)]
    targets = [one for one in targets if _is_there(one)]
    if not targets:
        return 1
    measured = asyncio.run(_measure(options.only or _possible(), targets, size))
    print(table(measured, targets))
    print(f"\nMedians. Measured on {', '.join(f'{name} {value}' for name, value in machine().items())}.")
    if options.json is not None:
        options.json.write_text(json.dumps(as_json(measured), indent=2) + "\n", encoding="utf-8")
    return 0


async def _measure(names: list[str], targets: list[Target], size: Size) -> list[tuple[Benchmark, list[Result]]]:
    measured = []
    for name in names:
        print(f"→ {name}", file=sys.stderr, flush=True)
        measured.append((BENCHMARKS[name], await BENCHMARKS[name].measure(targets, size)))
    return measured


def _possible() -> list[str]:
    """All benchmarks but those that need what is not installed."""
    missing = {name: one.needs for name, one in BENCHMARKS.items() if one.needs and shutil.which(one.needs) is None}
    for name, command in missing.items():
        print(f"→ {name} is left out: it needs `{command}`", file=sys.stderr)
    return [name for name in BENCHMARKS if name not in missing]


def _targets(names: str) -> list[Target]:
    """Raises `ArgumentTypeError`."""
    if unknown := set(names.split(",")) - TARGETS.keys():
        raise argparse.ArgumentTypeError(
            f"no target is called {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}"
        )
    return [TARGETS[name] for name in dict.fromkeys(names.split(","))]


def _is_cheap(target: Target) -> bool:
    """Nothing must be installed first: a short run does that only if asked for the target."""
    if target.peer is None or target.peer.is_made:
        return True
    print(f"→ {target.title} is left out: not installed yet; --targets {target.name} installs it", file=sys.stderr)
    return False


def _is_there(target: Target) -> bool:
    """Whether it can be measured. Installs a peer at first."""
    try:
        if target.peer is not None:
            target.peer.make()
    except PeerError as error:
        print(f"→ {target.title} is left out: {error}", file=sys.stderr, flush=True)
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
