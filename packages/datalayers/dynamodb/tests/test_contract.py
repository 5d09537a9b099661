"""DynamoDB keeps the contract of data layers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from convo.datalayer import DataLayer
from convo.testing.datalayer_suite import DataLayerSuite
from convo_dynamodb import DynamoDBDataLayer


class TestDynamoDB(DataLayerSuite):
    @pytest.fixture
    def create_data_layer(self, url: str) -> Callable[[], DataLayer]:
        return lambda: DynamoDBDataLayer(url)
