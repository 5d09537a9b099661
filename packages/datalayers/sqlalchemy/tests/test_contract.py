"""Every database keeps the contract of data layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from convo.datalayer import DataLayer
from convo.testing.datalayer_suite import DataLayerSuite
from convo_sqlalchemy import SQLAlchemyDataLayer


class TestSQLite(DataLayerSuite):
    @pytest.fixture
    def create_data_layer(self, tmp_path: Path) -> Callable[[], DataLayer]:
        return lambda: SQLAlchemyDataLayer(f"sqlite:///{tmp_path}/history.db")


class TestSQLiteInMemory(DataLayerSuite):
    @pytest.fixture
    def create_data_layer(self) -> Callable[[], DataLayer]:
        return lambda: SQLAlchemyDataLayer("sqlite://")


class TestPostgreSQL(DataLayerSuite):
    @pytest.fixture
    async def create_data_layer(self, postgresql_url: str) -> Callable[[], DataLayer]:
        return lambda: SQLAlchemyDataLayer(postgresql_url)


class TestMySQL(DataLayerSuite):
    @pytest.fixture
    async def create_data_layer(self, mysql_url: str) -> Callable[[], DataLayer]:
        return lambda: SQLAlchemyDataLayer(mysql_url)
