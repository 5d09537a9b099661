"""Every benchmark runs, and what it counts is right. Times are for `hatch run bench`, not for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(120)


def _bench(name: str, file: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    """The table, and what was counted by target."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--short", "--only", name, "--json", str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    results = json.loads(file.read_text())["results"]
    assert all(median is not None for result in results for median in result["medians"].values())
    return done.stdout, {result["target"]: result["samples"][0]["counts"] for result in results}


def test_every_token_comes_in_order_and_convo_puts_many_in_a_frame(tmp_path: Path) -> None:
    table, counts = _bench("tokens", tmp_path / "figures.json")
    assert counts["convo"]["tokens"] == counts["bare"]["tokens"] == 1_000
    assert counts["bare"]["frames"] > 1_000
    assert counts["convo"]["frames"] < 200
    assert "| tokens | server CPU per token, µs |" in table


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("paced", {"tokens": 125}),
        ("roundtrip", {"replies": 20}),
        ("closed_loop", {"replies": 50}),
        ("memory", {"sessions": 40}),
    ],
)
def test_both_servers_do_the_same_work(tmp_path: Path, name: str, expected: dict[str, int]) -> None:
    assert _bench(name, tmp_path / "figures.json")[1] == {"convo": expected, "bare": expected}


def test_startup_is_measured_for_both(tmp_path: Path) -> None:
    counts = _bench("startup", tmp_path / "figures.json")[1]
    assert set(counts) == {"convo", "bare"}
    assert all(count["modules"] > 100 for count in counts.values())


def test_the_first_load_counts_what_the_page_names(tmp_path: Path) -> None:
    _, counts = _bench("first_load", tmp_path / "figures.json")
    assert set(counts) == {"convo"}
    assert counts["convo"]["requests"] > counts["convo"]["scripts"] > 0
