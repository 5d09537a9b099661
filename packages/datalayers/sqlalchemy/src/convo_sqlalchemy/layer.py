"""`SQLAlchemyDataLayer`: the port `DataLayer` over SQLAlchemy's core."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from convo.aio import call_in_thread
from convo.datalayer import Changes, DataLayer, Pagination, StoredThread, ThreadPage
from convo.errors import ConflictError, DataLayerError, UnavailableError
from convo.protocol import Action, Ask, Call, Delivery, Element, RunInfo, State, Step, ThreadInfo

from convo_sqlalchemy.database import Database, open_database
from convo_sqlalchemy.errors import translated
from convo_sqlalchemy.schema import entries, facts, is_possible_id, prepare, threads
from convo_sqlalchemy.statements import LIST, READ, claim, put_entries
from convo_sqlalchemy.urls import database_url, is_in_memory

__all__ = ["SQLAlchemyDataLayer"]

T = TypeVar("T")

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
        self._url = database_url(url)
        self.is_durable = not is_in_memory(self._url)
        dialect = self._url.get_backend_name()
        self._claim = claim(dialect)
        self._put_entries = put_entries(dialect)
        self._opened: Database | None = None
        self._changed_at = 0

    async def open(self) -> None:
        if self._opened is not None:
            return
        database = open_database(self._url)
        try:
            with translated(self._url):
                await database.write(prepare)
        except BaseException:
            await database.close()
            raise
        self._opened = database

    async def close(self) -> None:
        database, self._opened = self._opened, None
        if database is not None:
            await database.close()

    async def get_secret(self) -> bytes:
        return bytes.fromhex(await self._read(lambda connection: connection.execute(_SECRET).scalar_one()))

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        def work(connection: sa.Connection) -> int:
            connection.execute(self._claim, {"id": thread_id, "process": owner})
            # The row is locked by the statement before: nobody has counted on meanwhile.
            epoch: int = connection.execute(sa.select(threads.c.epoch).where(threads.c.id == thread_id)).scalar_one()
            return epoch

        return await self._write(work)

    async def apply(self, changes: Changes) -> None:
        put = list(_rows(changes))
        removed = [
            {"b_thread_id": changes.thread_id, "b_collection": collection, "b_id": entry_id}
            for collection, entry_id in changes.removed
        ]
        thread = self._thread(changes)

        def work(connection: sa.Connection) -> None:
            if not connection.execute(_STORE, thread).rowcount:
                raise ConflictError(f"The thread `{changes.thread_id}` was taken over by another process, or deleted.")
            if removed:
                connection.execute(_REMOVE, removed)
            if put:
                connection.execute(self._put_entries, put)

        await self._write(work)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        if not is_possible_id(thread_id):
            return None
        rows = await self._read(lambda connection: connection.execute(READ, {"id": thread_id}).all())
        if not rows or rows[0].position != 0:
            return None
        with translated(self._url):
            return StoredThread(owner_id=rows[0].label, state=await call_in_thread(_state, rows))

    async def get_thread_owner(self, thread_id: str) -> str | None:
        if not is_possible_id(thread_id):
            return None
        owner = sa.select(threads.c.owner_id).where(threads.c.id == thread_id)
        return await self._read(lambda connection: connection.execute(owner).scalar())

    async def list_threads(self, owner_id: str, pagination: Pagination) -> ThreadPage:
        if not is_possible_id(owner_id):
            return ThreadPage(threads=[], cursor=None)
        page = LIST.limit(pagination.first + 1)
        if (after := _read_cursor(pagination.cursor)) is not None:
            changed_at, thread_id = after
            same = sa.and_(threads.c.changed_at == changed_at, threads.c.id < thread_id)
            page = page.where(sa.or_(threads.c.changed_at < changed_at, same))
        rows = await self._read(lambda connection: connection.execute(page, {"owner_id": owner_id}).all())
        shown = rows[: pagination.first]
        has_more = len(rows) > len(shown) and bool(shown)
        with translated(self._url):
            infos = [msgspec.json.decode(row.info, type=ThreadInfo) for row in shown]
        return ThreadPage(threads=infos, cursor=f"{shown[-1].changed_at}:{shown[-1].id}" if has_more else None)

    async def delete_thread(self, thread_id: str) -> None:
        if not is_possible_id(thread_id):
            return
        gone = sa.delete(threads).where(threads.c.id == thread_id)
        await self._write(lambda connection: connection.execute(gone))

    def _thread(self, changes: Changes) -> dict[str, Any]:
        """What of the state is not an entry."""
        fields = msgspec.to_builtins(msgspec.structs.replace(changes.state, **_EMPTY))
        info = fields.pop("thread")
        # Strictly later each time, so that the order of a list does not hang on the clock's resolution.
        self._changed_at = max(time.time_ns() // 1000, self._changed_at + 1)
        return {
            "b_id": changes.thread_id,
            "b_epoch": changes.epoch,
            "owner_id": changes.owner_id,
            "changed_at": self._changed_at,
            "info": _text(info),
            "fields": _text(fields),
        }

    @property
    def _database(self) -> Database:
        if self._opened is None:
            raise UnavailableError("The history is not open; `await data_layer.open()` comes first.")
        return self._opened

    async def _read(self, work: Callable[[sa.Connection], T]) -> T:
        with translated(self._url):
            return await self._database.read(work)

    async def _write(self, work: Callable[[sa.Connection], T]) -> T:
        with translated(self._url):
            return await self._database.write(work)


_SECRET = sa.select(facts.c.value).where(facts.c.name == "secret")

# Touches no row when the epoch is not the last one claimed.
_STORE = (
    sa.update(threads)
    .where(threads.c.id == sa.bindparam("b_id"), threads.c.epoch == sa.bindparam("b_epoch"))
    .values({name: sa.bindparam(name) for name in ("owner_id", "changed_at", "info", "fields")})
)

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
