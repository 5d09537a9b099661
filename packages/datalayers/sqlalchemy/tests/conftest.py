"""Databases for tests: a throwaway one each, in services that run on their standard ports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness import databases


@pytest.fixture
async def postgresql_url() -> AsyncIterator[str]:
    async with databases.postgresql() as url:
        yield url


@pytest.fixture
async def mysql_url() -> AsyncIterator[str]:
    async with databases.mysql() as url:
        yield url


@pytest.fixture(params=["postgresql", "mysql"])
def server_url(request: pytest.FixtureRequest) -> str:
    """Each database that is a server."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/history.db"
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
