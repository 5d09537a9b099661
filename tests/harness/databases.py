"""Throwaway databases, one for each test, in services that run on their standard ports."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

__all__ = ["mysql", "postgresql"]

POSTGRESQL = os.environ.get("CONVO_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1")
MYSQL = os.environ.get("CONVO_TEST_MYSQL", "mysql://root@127.0.0.1:3306")


@asynccontextmanager
async def postgresql() -> AsyncIterator[str]:
    """The URL of an empty database. Skips the test where there is no server, but not in CI."""
    async with _throwaway(POSTGRESQL, "asyncpg", "apt-get install postgresql", drop="WITH (FORCE)") as url:
        yield url


@asynccontextmanager
async def mysql() -> AsyncIterator[str]:
    """As `postgresql`, of MySQL or MariaDB."""
    async with _throwaway(MYSQL, "aiomysql", "apt-get install mariadb-server") as url:
        yield url


@asynccontextmanager
async def _throwaway(server: str, driver: str, start: str, *, drop: str = "") -> AsyncIterator[str]:
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
            await connection.execute(sa.text(f"DROP DATABASE {name} {drop}"))
    finally:
        await engine.dispose()
