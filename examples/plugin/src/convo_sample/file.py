"""The file of SQLite that a shelf is kept in: its tables, and one transaction at a time."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from convo.errors import MisconfiguredError, UnavailableError

__all__ = ["File", "key_of", "text_of"]

T = TypeVar("T")

TABLES = """
CREATE TABLE IF NOT EXISTS secret (value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS claim (thread BLOB PRIMARY KEY, epoch INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS thread (
    id BLOB PRIMARY KEY, owner BLOB NOT NULL, changed TEXT NOT NULL, place INTEGER NOT NULL, info BLOB NOT NULL,
    state BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS thread_of_owner ON thread (owner, changed, place);
CREATE TABLE IF NOT EXISTS share (id BLOB PRIMARY KEY, thread BLOB NOT NULL, value BLOB NOT NULL, state BLOB);
CREATE INDEX IF NOT EXISTS share_of_thread ON share (thread);
CREATE TABLE IF NOT EXISTS user (identifier BLOB PRIMARY KEY, id BLOB NOT NULL UNIQUE, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS identity (
    provider BLOB NOT NULL, subject BLOB NOT NULL, user BLOB NOT NULL, PRIMARY KEY (provider, subject)
);
CREATE TABLE IF NOT EXISTS sign_in (
    id BLOB PRIMARY KEY, user BLOB NOT NULL, digest TEXT NOT NULL, seen TEXT NOT NULL, expires TEXT, value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS sign_in_of_user ON sign_in (user, seen);
"""


class File:
    """Several processes may share it. All methods raise `UnavailableError` for what could not be read or written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    async def open(self, *, migrates: bool) -> None:
        """Raises `MisconfiguredError` where it would have to make tables, and may not."""
        self._connection = await asyncio.to_thread(self._connect, migrates)

    async def close(self) -> None:
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)
            self._connection = None

    async def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` as one transaction, while nobody else reads or writes. Raises what it raises."""
        return await asyncio.to_thread(self._in_transaction, work)

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return await self.do(lambda database: database.execute(sql, values).fetchall())

    def _connect(self, migrates: bool) -> sqlite3.Connection:
        try:
            database = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            database.execute("PRAGMA journal_mode = WAL")
            if migrates:
                database.executescript(TABLES)
            elif database.execute("SELECT 1 FROM sqlite_master WHERE name = 'thread'").fetchone() is None:
                database.close()
                raise MisconfiguredError(f"`{self._path}` has no tables yet; start once with `[data] migrate = true`.")
        except sqlite3.Error as error:
            raise UnavailableError(f"`{self._path}` could not be opened: {error}") from error
        return database

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        # The lock is a thread's: who is cancelled stops waiting, while his thread goes on.
        try:
            with self._lock, self._transaction() as database:
                return work(database)
        except sqlite3.Error as error:
            raise UnavailableError(f"`{self._path}` could not be read or written: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            raise UnavailableError(f"`{self._path}` is not open.")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def key_of(text: str) -> bytes:
    """An id as bytes: any text is one, also what is no UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def text_of(key: bytes) -> str:
    return key.decode("utf-8", "surrogatepass")
