"""A database: runs a function on a connection, in one transaction, without ever blocking the event loop.

Servers are spoken to by async drivers. SQLite is a library whose calls take microseconds, so a transaction is done in
a thread as a whole: to go there and back for each of its calls, as async drivers for it do, costs several times that.
"""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from convo.aio import call_in_thread
from convo.errors import MissingPackageError
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from convo_sqlalchemy.errors import is_collision
from convo_sqlalchemy.urls import is_in_memory, package

__all__ = ["Database", "open_database"]

T = TypeVar("T")

WAIT_SECONDS = 10  # for a connection, or for another process's write to a SQLite file
ATTEMPTS = 5  # of a transaction that the database breaks off because it and another stood in each other's way
READERS = 4  # threads that read a SQLite file side by side


class Database(ABC):
    """Raises what SQLAlchemy, the driver and the network raise."""

    @abstractmethod
    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` returns."""

    @abstractmethod
    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """The same, all or nothing: committed at the end, rolled back by any error. It may be done more than once."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of all connections, after what is going."""


def open_database(url: URL) -> Database:
    """The database at `url`, not connected yet. Raises `MissingPackageError` when its driver is not installed."""
    try:
        return File(url) if url.get_backend_name() == "sqlite" else Server(url)
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            f"The driver `{url.get_driver_name()}` for `{url.get_backend_name()}` is not installed; install it with: "
            f"pip install '{package(url)}'",
            package=package(url),
        ) from error


class Server(Database):
    """PostgreSQL, MySQL or MariaDB."""

    def __init__(self, url: URL) -> None:
        name = {"asyncpg": "timeout"}.get(url.get_driver_name(), "connect_timeout")
        options: dict[str, Any] = {"connect_args": {name: WAIT_SECONDS}}
        if url.get_backend_name() in ("mysql", "mariadb"):
            # Its default locks gaps between keys, so that writers of different threads could block each other.
            options["isolation_level"] = "READ COMMITTED"
        self._engine = create_async_engine(
            url,
            hide_parameters=True,  # what users wrote stays out of error texts
            pool_pre_ping=True,
            pool_timeout=WAIT_SECONDS,
            pool_recycle=1800,
            **options,
        )

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        async with self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(work)
            except sa.exc.DBAPIError as error:
                if attempt == ATTEMPTS or not is_collision(error):
                    raise
            await asyncio.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # noqa: S311 - no secret
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        await self._engine.dispose()


class File(Database):
    """SQLite. It has one writer at a time, so one thread writes: to wait for it is fair; SQLite's own waiting polls."""

    def __init__(self, url: URL) -> None:
        in_memory = is_in_memory(url)  # a database that is its one connection
        options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": READERS + 1}
        self._engine = sa.create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False}, **options)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        self._writing = self._engine.execution_options(convo_begin="BEGIN IMMEDIATE")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="convo-sqlite-writer")
        self._readers = self._writer if in_memory else ThreadPoolExecutor(READERS, "convo-sqlite-reader")

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        def transaction() -> T:
            with self._engine.connect() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, transaction)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        def transaction() -> T:
            with self._writing.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._writer, transaction)

    async def close(self) -> None:
        def close() -> None:
            self._writer.shutdown()
            self._readers.shutdown()
            self._engine.dispose()

        await call_in_thread(close)


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except Exception as error:
        # Of several processes at a fresh file, one switches it for all; the others need not wait for that.
        if "locked" not in str(error):
            raise
    finally:
        cursor.close()


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("convo_begin", "BEGIN"))
