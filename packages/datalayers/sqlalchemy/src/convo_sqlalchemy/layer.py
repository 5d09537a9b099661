"""`SQLAlchemyDataLayer`: the port `DataLayer` over SQLAlchemy's async core."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import sqlalchemy as sa
from convo.datalayer import Changes, DataLayer, Pagination, StoredThread, ThreadPage
from convo.errors import ConflictError, DataLayerError, MissingPackageError, UnavailableError
from convo.protocol import Action, Ask, Call, Delivery, Element, RunInfo, State, Step, ThreadInfo
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from convo_sqlalchemy.errors import translated
from convo_sqlalchemy.schema import entries, facts, is_possible_id, prepare, threads
from convo_sqlalchemy.statements import LIST, READ, claim, put_entries
from convo_sqlalchemy.urls import async_url, is_in_memory, package

__all__ = ["SQLAlchemyDataLayer"]

_WAIT_SECONDS = 10  # for a connection, or for another process's write to a SQLite file
_NOUNS: dict[str, type[msgspec.Struct]] = {
    "runs": RunInfo,
    "steps": Step,
    "elements": Element,
    "actions": Action,
    "asks": Ask,
    "calls": Call,
    "deliveries": Delivery,
}
_EMPTY: dict[str, Any] = {collection: [] for collection in _NOUNS}


class SQLAlchemyDataLayer(DataLayer):
    """Keeps threads in the database at `url`: SQLite, PostgreSQL, MySQL or MariaDB.

    A SQLite file is in WAL mode with `synchronous=NORMAL`: it survives a killed process as it is, and a power cut
    without its last moments.
    """

    def __init__(self, url: str) -> None:
        self._url = async_url(url)
        self.is_durable = not is_in_memory(self._url)
        dialect = self._url.get_backend_name()
        self._claim = claim(dialect)
        self._put_entries = put_entries(dialect)
        # SQLite has one writer at a time; waiting here is fair and wakes at once, its own waiting polls.
        self._writing = asyncio.Lock() if dialect == "sqlite" else None
        self._opened: AsyncEngine | None = None
        self._changed_at = 0

    async def open(self) -> None:
        if self._opened is not None:
            return
        engine = _create_engine(self._url)
        try:
            with translated(self._url):
                _try_file(self._url)
                await prepare(engine)
        except BaseException:
            await engine.dispose()
            raise
        self._opened = engine

    async def close(self) -> None:
        engine, self._opened = self._opened, None
        if engine is not None:
            await engine.dispose()

    async def get_secret(self) -> bytes:
        async with self._reading() as connection:
            found = await connection.execute(sa.select(facts.c.value).where(facts.c.name == "secret"))
            return bytes.fromhex(found.scalar_one())

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        async with self._transaction() as connection:
            await connection.execute(self._claim, {"id": thread_id, "process": owner})
            # The row is locked by the statement before: nobody has counted on meanwhile.
            counted = await connection.execute(sa.select(threads.c.epoch).where(threads.c.id == thread_id))
            epoch: int = counted.scalar_one()
            return epoch

    async def apply(self, changes: Changes) -> None:
        put = list(_rows(changes))
        removed = [
            {"b_thread_id": changes.thread_id, "b_collection": collection, "b_id": entry_id}
            for collection, entry_id in changes.removed
        ]
        async with self._transaction() as connection:
            if not (await connection.execute(self._stored_thread(changes))).rowcount:
                raise ConflictError(f"The thread `{changes.thread_id}` was taken over by another process, or deleted.")
            if removed:
                await connection.execute(_REMOVE, removed)
            if put:
                await connection.execute(self._put_entries, put)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        if not is_possible_id(thread_id):
            return None
        async with self._reading() as connection:
            rows = (await connection.execute(READ, {"id": thread_id})).all()
        if not rows or rows[0].position != 0:
            return None
        with translated(self._url):
            return StoredThread(owner_id=rows[0].label, state=_state(rows))

    async def get_thread_owner(self, thread_id: str) -> str | None:
        if not is_possible_id(thread_id):
            return None
        async with self._reading() as connection:
            owner = sa.select(threads.c.owner_id).where(threads.c.id == thread_id)
            return (await connection.execute(owner)).scalar()

    async def list_threads(self, owner_id: str, pagination: Pagination) -> ThreadPage:
        if not is_possible_id(owner_id):
            return ThreadPage(threads=[], cursor=None)
        page = LIST.limit(pagination.first + 1)
        if (after := _read_cursor(pagination.cursor)) is not None:
            changed_at, thread_id = after
            same = sa.and_(threads.c.changed_at == changed_at, threads.c.id < thread_id)
            page = page.where(sa.or_(threads.c.changed_at < changed_at, same))
        async with self._reading() as connection:
            rows = (await connection.execute(page, {"owner_id": owner_id})).all()
        shown = rows[: pagination.first]
        has_more = len(rows) > len(shown) and bool(shown)
        with translated(self._url):
            infos = [msgspec.json.decode(row.info, type=ThreadInfo) for row in shown]
        return ThreadPage(threads=infos, cursor=f"{shown[-1].changed_at}:{shown[-1].id}" if has_more else None)

    async def delete_thread(self, thread_id: str) -> None:
        if not is_possible_id(thread_id):
            return
        async with self._transaction() as connection:
            await connection.execute(sa.delete(threads).where(threads.c.id == thread_id))

    def _stored_thread(self, changes: Changes) -> sa.Update:
        """What of the state is not an entry; touches no row when the epoch is not the last one claimed."""
        fields = msgspec.to_builtins(msgspec.structs.replace(changes.state, **_EMPTY))
        info = fields.pop("thread")
        # Strictly later each time, so that the order of a list does not hang on the clock's resolution.
        self._changed_at = max(time.time_ns() // 1000, self._changed_at + 1)
        return (
            sa.update(threads)
            .where(threads.c.id == changes.thread_id, threads.c.epoch == changes.epoch)
            .values(owner_id=changes.owner_id, changed_at=self._changed_at, info=_text(info), fields=_text(fields))
        )

    @property
    def _engine(self) -> AsyncEngine:
        if self._opened is None:
            raise UnavailableError("The history is not open; `await data_layer.open()` comes first.")
        return self._opened

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with translated(self._url):
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        """All or nothing: committed at the end, rolled back by any error and by a cancelled task."""
        with translated(self._url):
            async with AsyncExitStack() as stack:
                if self._writing is not None:
                    await stack.enter_async_context(self._writing)
                yield await stack.enter_async_context(self._engine.begin())


_REMOVE = sa.delete(entries).where(
    entries.c.thread_id == sa.bindparam("b_thread_id"),
    entries.c.collection == sa.bindparam("b_collection"),
    entries.c.id == sa.bindparam("b_id"),
)


def _rows(changes: Changes) -> Iterator[dict[str, str]]:
    for collection in _NOUNS:
        for entry in getattr(changes.state, collection):
            yield {"thread_id": changes.thread_id, "collection": collection, "id": entry.id, "body": _text(entry)}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _state(rows: Any) -> State:
    """The state of `READ`'s rows, the first of which is the thread's."""
    head, *found = rows
    state: dict[str, Any] = {collection: [] for collection in _NOUNS}
    for row in found:
        noun = _NOUNS.get(row.label)
        if noun is None:
            raise DataLayerError(f"What is stored holds `{row.label}`, which this version of convo does not know.")
        state[row.label].append(msgspec.json.decode(row.body, type=noun))
    plain = msgspec.convert(msgspec.json.decode(head.body) | {"thread": msgspec.json.decode(head.info)}, State)
    return msgspec.structs.replace(plain, **state)


def _read_cursor(cursor: str | None) -> tuple[int, str] | None:
    """Where the page before ended; a cursor that is none of ours begins at the top."""
    changed_at, _, thread_id = (cursor or "").partition(":")
    if not changed_at.isdecimal() or len(changed_at) > 18 or not is_possible_id(thread_id):
        return None
    return int(changed_at), thread_id


def _try_file(url: URL) -> None:
    """Raise `sqlite3.Error` for a file that cannot be opened: aiosqlite would leave its thread behind."""
    if url.get_backend_name() == "sqlite" and not is_in_memory(url) and not url.query:
        sqlite3.connect(url.database or "").close()


def _create_engine(url: URL) -> AsyncEngine:
    options: dict[str, Any] = {"hide_parameters": True}  # what users wrote stays out of error texts
    dialect, driver = url.get_backend_name(), url.get_driver_name()
    if dialect == "sqlite":
        # A database in memory is its one connection.
        options |= {"poolclass": AsyncAdaptedQueuePool}
        options |= {"pool_size": 1, "max_overflow": 0} if is_in_memory(url) else {}
    else:
        options |= {"pool_pre_ping": True, "pool_timeout": _WAIT_SECONDS, "pool_recycle": 1800}
        name = {"asyncpg": "timeout"}.get(driver, "connect_timeout")
        options |= {"connect_args": {name: _WAIT_SECONDS}}
    if dialect in ("mysql", "mariadb"):
        # Its default locks gaps between keys, so that writers of different threads could block each other.
        options |= {"isolation_level": "READ COMMITTED"}
    try:
        engine = create_async_engine(url, **options)
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            f"The driver `{driver}` for `{dialect}` is not installed; install it with: pip install '{package(url)}'",
            package=package(url),
        ) from error
    if dialect == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_WAIT_SECONDS * 1000}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # Of several processes at a fresh file, one switches it for all; the others need not wait for that.
        if "locked" not in str(error):
            raise
    finally:
        cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("convo_begin", "BEGIN"))
