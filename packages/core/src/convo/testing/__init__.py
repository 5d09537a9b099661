"""Tests of apps and backends: a client that drives an App in process, and the contract suites of the ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convo.testing.client import ChatClient
from convo.testing.reply import Reply, StepNode

if TYPE_CHECKING:
    from convo.testing.datalayer_suite import DataLayerSuite
    from convo.testing.storage_suite import StorageSuite

__all__ = ["ChatClient", "DataLayerSuite", "Reply", "StepNode", "StorageSuite"]


def __getattr__(name: str) -> Any:
    """The contract suites on first use, because they bring pytest."""
    if name == "DataLayerSuite":
        from convo.testing.datalayer_suite import DataLayerSuite

        return DataLayerSuite
    if name == "StorageSuite":
        from convo.testing.storage_suite import StorageSuite

        return StorageSuite
    raise AttributeError(f"module `convo.testing` has no attribute `{name}`")
