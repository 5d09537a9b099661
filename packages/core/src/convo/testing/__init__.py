"""Tests of apps and backends: a client that drives an App in process, and the contract suites of the ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convo.testing.client import ChatClient
from convo.testing.reply import Reply, StepNode
from convo.testing.tree import draw_tree

if TYPE_CHECKING:
    from convo.testing.bridge_suite import BridgeSuite
    from convo.testing.datalayer_suite import DataLayerSuite
    from convo.testing.platform import PlatformDriver, Shown
    from convo.testing.storage_suite import StorageSuite
    from convo.testing.tracer_suite import TracerSuite

__all__ = [
    "BridgeSuite",
    "ChatClient",
    "DataLayerSuite",
    "PlatformDriver",
    "Reply",
    "Shown",
    "StepNode",
    "StorageSuite",
    "TracerSuite",
    "draw_tree",
]


def __getattr__(name: str) -> Any:
    """The contract suites on first use, because they bring pytest."""
    if name == "BridgeSuite":
        from convo.testing.bridge_suite import BridgeSuite

        return BridgeSuite
    if name in ("PlatformDriver", "Shown"):
        from convo.testing import platform

        return getattr(platform, name)
    if name == "DataLayerSuite":
        from convo.testing.datalayer_suite import DataLayerSuite

        return DataLayerSuite
    if name == "StorageSuite":
        from convo.testing.storage_suite import StorageSuite

        return StorageSuite
    if name == "TracerSuite":
        from convo.testing.tracer_suite import TracerSuite

        return TracerSuite
    raise AttributeError(f"module `convo.testing` has no attribute `{name}`")
