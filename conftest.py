"""What holds for every test of the repository."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

settings.register_profile("deep", max_examples=20_000, deadline=None)
if os.environ.get("TEST_DEEP"):
    settings.load_profile("deep")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Packaging comes last: what it would find broken, a quicker test has told by then."""
    items.sort(key=lambda item: item.get_closest_marker("packaging") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skipping(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skipping(report)
    return report


def _refuse_skipping(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With `CI=true` a skipped test is a failed one: nothing passes there because its service was missing."""
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"With CI=true nothing is skipped. {reason}"
