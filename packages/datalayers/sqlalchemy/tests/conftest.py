"""Databases for tests: a throwaway one each, in services that run on their standard ports."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

POSTGRESQL = os.environ.get("CONVO_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1")
MYSQL = os.environ.get("CONVO_TEST_MYSQL", "mysql://root@127.0.0.1:3306")


async def _throwaway(server: str, driver: str, start: str) -> AsyncIterator[str]:
    name = f"convo_test_{secrets.token_hex(6)}"
    scheme, _, address = server.partition("://")
    engine = create_async_engine(f"{scheme}+{driver}://{address}", isolation_level="AUTOCOMMIT")
    try:
        try:
            async with engine.connect() as connection:
                await connection.execute(sa.text(f"CREATE DATABASE {name}"))
        except (OSError, SQLAlchemyError) as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no {scheme} at {address} ({type(error).__name__}); start one with: {start}")
        yield f"{server}/{name}"
        async with engine.connect() as connection:
            await connection.execute(sa.text(f"DROP DATABASE {name}"))
    finally:
        await engine.dispose()


@pytest.fixture
async def postgresql_url() -> AsyncIterator[str]:
    async for url in _throwaway(POSTGRESQL, "asyncpg", "apt-get install postgresql"):
        yield url


@pytest.fixture
async def mysql_url() -> AsyncIterator[str]:
    async for url in _throwaway(MYSQL, "aiomysql", "apt-get install mariadb-server"):
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
