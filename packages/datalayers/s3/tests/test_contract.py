"""S3 keeps the contract of storages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from convo import Storage
from convo.testing import StorageSuite
from convo_s3 import S3Storage


class TestS3(StorageSuite):
    @pytest.fixture
    def create_storage(self, url: str) -> Callable[[], Storage]:
        return lambda: S3Storage(url)
