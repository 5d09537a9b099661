"""The bridge's contract, on the platform in memory."""

import pytest
from convo.testing import BridgeSuite
from convo.testing.platform import MemoryPlatform


class TestMemoryBridge(BridgeSuite):
    @pytest.fixture
    def driver(self) -> MemoryPlatform:
        return MemoryPlatform()
