"""Google Cloud Storage keeps the contract of storages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from convo import Storage
from convo.testing import StorageSuite
from convo_gcs import GCSStorage


class TestGCS(StorageSuite):
    @pytest.fixture
    def create_storage(self, url: str) -> Callable[[], Storage]:
        return lambda: GCSStorage(url)
