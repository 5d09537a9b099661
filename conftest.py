"""What holds for every test of the repository."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")  # it would tell its makers
os.environ.setdefault("CONVO_DATA__URL", "memory")  # also for the processes that tests start: no test leaves files here

DEEP = bool(os.environ.get("TEST_DEEP"))
SEED = int(os.environ.get("TEST_SEED") or random.SystemRandom().randrange(1 << 32))
os.environ["TEST_SEED"] = str(SEED)  # one for all processes of pytest
RESULTS = Path(__file__).parent / "test-results" / "campaigns.json"

settings.register_profile("deep", max_examples=20_000, deadline=None)
if DEEP:
    settings.load_profile("deep")


class Campaign:
    """How much of a long campaign a test does, and by which dice.

    `hatch run test` does a few per cent by a seed that changes and is printed; `TEST_SEED` repeats one.
    `hatch run test-deep` does all of it and keeps what was done in `test-results/campaigns.json`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.random = random.Random(f"{SEED}:{name}")  # noqa: S311 - dice, not keys
        self.done: dict[str, int] = {}

    def of(self, what: str, full: int, few: int) -> int:
        """How many of `what`: all of them, or a few."""
        self.done[what] = full if DEEP else few
        return self.done[what]


@pytest.fixture
def campaign(request: pytest.FixtureRequest) -> Iterator[Campaign]:
    campaign = Campaign(request.node.nodeid)
    began = time.monotonic()
    yield campaign
    report = request.node.stash.get(_CALL, None)
    if DEEP and report is not None:
        RESULTS.parent.mkdir(exist_ok=True)
        results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        results[campaign.name] = {
            "seed": SEED,
            "outcome": report.outcome,
            "seconds": round(time.monotonic() - began),
            "done": campaign.done,
        }
        RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")


_CALL = pytest.StashKey[pytest.TestReport]()


def pytest_report_header() -> str:
    return f"campaigns: {'in full' if DEEP else 'a few per cent'}, TEST_SEED={SEED}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Packaging comes last: what it would find broken, a quicker test has told by then."""
    if not DEEP and (deep := [item for item in items if item.get_closest_marker("deep") is not None]):
        items[:] = [item for item in items if item not in deep]
        config.hook.pytest_deselected(items=deep)
    items.sort(key=lambda item: item.get_closest_marker("packaging") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skipping(report)
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    if report.when == "call":
        item.stash[_CALL] = report
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skipping(report)
    return report


def _sendable(text: str) -> str:
    """A log with halves of characters in it, so that a process of pytest-xdist can hand it to its parent."""
    return text.encode("utf-8", "backslashreplace").decode()


def _refuse_skipping(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With `CI=true` a skipped test is a failed one: nothing passes there because its service was missing."""
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"With CI=true nothing is skipped. {reason}"
