"""`ChainlitDatabase`: a database that Chainlit's SQLAlchemy layer or its official PostgreSQL layer has written.

The two have the same rows under other names. Which columns there are hangs on the version that made the tables, so
rows are read whole, as the driver gives them. A page of threads is one transaction, which may only read.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import sqlalchemy as sa
from convo.data.dicts import mapping, moment
from convo.data.source import Source, SourceThread
from convo.errors import MisconfiguredError
from convo.user import User
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from convo_sqlalchemy.errors import translated
from convo_sqlalchemy.urls import database_url, is_in_memory

__all__ = ["ChainlitDatabase"]

T = TypeVar("T")

PAGE = 100  # threads or users in one transaction

_TABLES = {
    "SQLAlchemy layer": {
        "users": "users",
        "threads": "threads",
        "steps": "steps",
        "elements": "elements",
        "feedback": "feedbacks",
    },
    "official PostgreSQL layer": {
        "users": "User",
        "threads": "Thread",
        "steps": "Step",
        "elements": "Element",
        "feedback": "Feedback",
    },
}
_OF_STEP = {"feedbacks": "forId", "Feedback": "stepId"}  # columns that name a step


class ChainlitDatabase(Source):
    """Reads the database at `url`: SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self._url = database_url(url)
        if self._url.get_backend_name() not in ("sqlite", "postgresql") or is_in_memory(self._url):
            raise MisconfiguredError(
                "A Chainlit database is read from `sqlite:///file.db` or `postgresql://user:password@host/database`."
            )
        self._engine: sa.Engine | AsyncEngine | None = None
        self._names: dict[str, str] = {}

    async def open(self) -> None:
        self._engine = _file(self._url) if self._url.get_backend_name() == "sqlite" else create_async_engine(self._url)
        there = set(await self._read(lambda connection: sa.inspect(connection).get_table_names()))
        for layout, names in _TABLES.items():
            if {names["users"], names["threads"], names["steps"]} <= there:
                self.title = f"Chainlit, {layout}"
                self._names = {noun: name for noun, name in names.items() if name in there}
                return
        raise MisconfiguredError(
            f"`{self._url.render_as_string(hide_password=True)}` holds no tables of Chainlit: neither `users`, "
            "`threads` and `steps` nor `User`, `Thread` and `Step`. Check the address; DynamoDB is not read."
        )

    async def close(self) -> None:
        engine, self._engine = self._engine, None
        if isinstance(engine, AsyncEngine):
            await engine.dispose()
        elif engine is not None:
            engine.dispose()

    async def count(self) -> dict[str, int]:
        def work(connection: sa.Connection) -> dict[str, int]:
            return {
                noun: connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - ours
                for noun, name in self._names.items()
            }

        return await self._read(work)

    async def users(self) -> AsyncIterator[User]:
        last: Any = None
        while True:
            rows = await self._read(lambda connection, last=last: _page(connection, self._names["users"], last))
            for row in rows:
                yield _user(row)
            if len(rows) < PAGE:
                return
            last = rows[-1]["id"]

    async def threads(self) -> AsyncIterator[SourceThread]:
        last: Any = None
        while True:
            page, last = await self._read(lambda connection, last=last: self._threads(connection, last))
            for found in page:
                yield found
            if last is None:
                return

    def _threads(self, connection: sa.Connection, last: Any) -> tuple[list[SourceThread], Any]:
        """A page of threads, and the id it ends with; `None` when it is the last one."""
        rows = _page(connection, self._names["threads"], last)
        shown = [row for row in rows if row.get("deletedAt") is None]
        ids = [row["id"] for row in shown]
        steps = self._of(connection, "steps", "threadId", ids)
        elements = self._of(connection, "elements", "threadId", ids)
        step_ids = [step["id"] for found in steps.values() for step in found]
        feedback = self._of(connection, "feedback", _OF_STEP.get(self._names.get("feedback", ""), ""), step_ids)
        users = self._of(connection, "users", "id", {row["userId"] for row in shown if row.get("userId") is not None})
        page = [
            _thread(row, steps.get(str(row["id"]), []), elements.get(str(row["id"]), []), feedback, users)
            for row in shown
        ]
        return page, rows[-1]["id"] if len(rows) == PAGE else None

    def _of(
        self, connection: sa.Connection, noun: str, column: str, ids: Iterable[Any]
    ) -> dict[str, list[dict[str, Any]]]:
        """Rows by what they belong to."""
        found: dict[str, list[dict[str, Any]]] = {}
        name, wanted = self._names.get(noun), list(ids)
        for start in range(0, len(wanted) if name else 0, 500):
            among: sa.BindParameter[Any] = sa.bindparam("ids", wanted[start : start + 500], expanding=True)
            query = sa.text(f'SELECT * FROM "{name}" WHERE "{column}" IN :ids ORDER BY "id"')  # noqa: S608 - ours
            for row in connection.execute(query.bindparams(among)).mappings():
                found.setdefault(str(row[column]), []).append(dict(row))
        return found

    async def _read(self, work: Callable[..., T]) -> T:
        """What `work` returns on a connection that can only read."""
        with translated(self._url):
            engine = self._engine
            if isinstance(engine, AsyncEngine):
                async with engine.connect() as connection:
                    await connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                    return await connection.run_sync(work)
            assert engine is not None
            return await asyncio.to_thread(_read, engine, work)


def _read(engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
    with engine.connect() as connection:
        return work(connection)


def _file(url: sa.URL) -> sa.Engine:
    """A SQLite file, which has to be there."""
    path = Path(str(url.database))
    if not path.is_file():
        raise MisconfiguredError(f"There is no file `{path}`.")
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    return sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
        poolclass=sa.NullPool,
    )


def _page(connection: sa.Connection, name: str, last: Any) -> list[dict[str, Any]]:
    after = "" if last is None else 'WHERE "id" > :last '
    query = sa.text(f'SELECT * FROM "{name}" {after}ORDER BY "id" LIMIT {PAGE}')  # noqa: S608 - ours
    rows = connection.execute(query, {} if last is None else {"last": last}).mappings()
    return [dict(row) for row in rows]


def _user(row: dict[str, Any]) -> User:
    return User(str(row["identifier"]), metadata=mapping(row.get("metadata")))


def _thread(
    row: dict[str, Any],
    steps: Sequence[dict[str, Any]],
    elements: Sequence[dict[str, Any]],
    feedback: dict[str, list[dict[str, Any]]],
    users: dict[str, list[dict[str, Any]]],
) -> SourceThread:
    known = users.get(str(row.get("userId")))
    identifier = row.get("userIdentifier")
    user = _user(known[0]) if known else User(str(identifier)) if identifier else None
    shown = [_step(step, feedback.get(str(step["id"]), [])) for step in steps]
    times = [moment(step["createdAt"]) for step in shown] + [moment(row.get(key)) for key in ("updatedAt", "createdAt")]
    thread = {**row, "steps": shown, "elements": [_element(element) for element in elements]}
    return SourceThread(thread, user, max((at for at in times if at is not None), default=None))


def _step(row: dict[str, Any], feedback: list[dict[str, Any]]) -> dict[str, Any]:
    """The official layer keeps what a step calls `createdAt` as its `startTime`; its own `createdAt` is the row's."""
    began = row.get("startTime") or row.get("createdAt")
    rated = {"value": feedback[-1].get("value"), "comment": feedback[-1].get("comment")} if feedback else None
    times = {"start": row.get("start") or row.get("startTime"), "end": row.get("end") or row.get("endTime")}
    return {**row, **times, "createdAt": began, "feedback": rated}


def _element(row: dict[str, Any]) -> dict[str, Any]:
    """The official layer keeps an element's type in its metadata."""
    return {**row, "type": row.get("type") or mapping(row.get("metadata")).get("type"), "forId": _for_id(row)}


def _for_id(row: dict[str, Any]) -> Any:
    return row.get("forId") or row.get("stepId")
