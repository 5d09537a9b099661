"""Chainlit's SQLAlchemy data layer on a SQLite file: for an app, and by itself. Runs in Chainlit's own environment.

    python -m benchmarks.servers.chainlit_history list THREADS STEPS TIMES

fills a history, lists (or searches: `search`) it so many times, and prints the figures as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import chainlit
from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.types import Pagination, ThreadFilter
from sqlalchemy import Engine, event

from benchmarks.harness.corpus import OWNER, SEARCHES, conversations
from benchmarks.harness.quantile import quantile

__all__ = ["COUNTS", "HISTORY", "keep"]

HISTORY = os.environ.get("BENCHMARKS_HISTORY")
"""The file it is kept in, or `None`."""

COUNTS = {"statements": 0, "transactions": 0}

# The tables of its documentation, with the keys they have there and the columns that 2.12 writes; and with a journal as
# convo's, which it does not ask for: it would lose more rows without.
TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS users ("id" TEXT PRIMARY KEY, "identifier" TEXT NOT NULL UNIQUE, "metadata" TEXT NOT NULL,
    "createdAt" TEXT);
CREATE TABLE IF NOT EXISTS threads ("id" TEXT PRIMARY KEY, "createdAt" TEXT, "name" TEXT, "userId" TEXT,
    "userIdentifier" TEXT, "tags" TEXT, "metadata" TEXT);
CREATE TABLE IF NOT EXISTS steps ("id" TEXT PRIMARY KEY, "name" TEXT NOT NULL, "type" TEXT NOT NULL,
    "threadId" TEXT NOT NULL, "parentId" TEXT, "streaming" BOOLEAN NOT NULL, "waitForAnswer" BOOLEAN, "isError" BOOLEAN,
    "metadata" TEXT, "tags" TEXT, "input" TEXT, "output" TEXT, "createdAt" TEXT, "command" TEXT, "start" TEXT,
    "end" TEXT, "generation" TEXT, "showInput" TEXT, "language" TEXT, "indent" INT, "defaultOpen" BOOLEAN,
    "autoCollapse" BOOLEAN, "icon" TEXT, "modes" TEXT);
CREATE TABLE IF NOT EXISTS elements ("id" TEXT PRIMARY KEY, "threadId" TEXT, "type" TEXT, "url" TEXT,
    "chainlitKey" TEXT, "name" TEXT NOT NULL, "display" TEXT, "objectKey" TEXT, "size" TEXT, "page" INT,
    "language" TEXT, "forId" TEXT, "mime" TEXT, "props" TEXT);
CREATE TABLE IF NOT EXISTS feedbacks ("id" TEXT PRIMARY KEY, "forId" TEXT NOT NULL, "threadId" TEXT NOT NULL,
    "value" INT NOT NULL, "comment" TEXT);
"""


def keep() -> None:
    """Let the app that is loading keep its history, if it is to, and know everybody by the header that names him."""
    if HISTORY is None:
        return
    with closing(sqlite3.connect(HISTORY)) as database:
        database.executescript(TABLES)

    _watch()

    @chainlit.data_layer  # type: ignore[untyped-decorator]  # it is not installed where types are checked
    def layer() -> SQLAlchemyDataLayer:
        return SQLAlchemyDataLayer(f"sqlite+aiosqlite:///{HISTORY}")

    @chainlit.header_auth_callback  # type: ignore[untyped-decorator]
    async def who(headers: Any) -> chainlit.User:
        return chainlit.User(identifier=headers["x-benchmarks-user"])

    @chainlit.on_chat_resume  # type: ignore[untyped-decorator]
    async def resume(thread: Any) -> None:
        pass


async def measure(what: str, threads: int, steps: int, times: int) -> dict[str, float]:
    """What `list` and `search` measure of convo."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        with closing(sqlite3.connect(path)) as database:
            database.executescript(TABLES)
            _fill(database, threads, steps)
            database.commit()
        layer = SQLAlchemyDataLayer(f"sqlite+aiosqlite:///{path}")
        _watch()
        if what == "list":
            return await _list(layer, times)
        return await _search(layer, times)


async def _list(layer: SQLAlchemyDataLayer, times: int) -> dict[str, float]:
    seconds, page = await _timed(layer, ThreadFilter(userId=OWNER), times)
    return {
        "p50": quantile(seconds, 0.5) * 1e3,
        "p95": quantile(seconds, 0.95) * 1e3,
        "statements": COUNTS["statements"] / times,
        "bytes": len(json.dumps(page.to_dict(), ensure_ascii=False, separators=(",", ":")).encode()) / 1e3,
        "found": len(page.data),
    }


async def _search(layer: SQLAlchemyDataLayer, times: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    for key, text in SEARCHES.items():
        seconds, page = await _timed(layer, ThreadFilter(userId=OWNER, search=text), times)
        figures[key] = quantile(seconds, 0.95) * 1e3
        figures["found"] = len(page.data)
    return figures


async def _timed(layer: SQLAlchemyDataLayer, wanted: ThreadFilter, times: int) -> tuple[list[float], Any]:
    """The seconds of each time, and what came of the last."""
    seconds: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        page = await layer.list_threads(Pagination(first=20), wanted)
        seconds.append(time.perf_counter() - start)
    return seconds, page


def _watch() -> None:
    event.listen(Engine, "before_cursor_execute", _count_statement)
    event.listen(Engine, "commit", _count_transaction)


def _count_statement(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    COUNTS["statements"] += not statement.startswith(("BEGIN", "PRAGMA"))


def _count_transaction(connection: Any) -> None:
    COUNTS["transactions"] += 1


def _fill(database: sqlite3.Connection, threads: int, steps: int) -> None:
    now = datetime.now(UTC).isoformat()
    put = """INSERT INTO steps ("id", "name", "type", "threadId", "streaming", "isError", "metadata", "output",
        "createdAt", "generation", "showInput") VALUES (?, ?, ?, ?, 0, 0, '{}', ?, ?, '{}', 'json')"""
    for owner in (OWNER, "somebody else"):
        database.execute("INSERT INTO users VALUES (?, ?, '{}', ?)", (owner, owner, now))
    for one in conversations(threads, steps):
        thread_id = str(uuid.uuid4())
        row = (thread_id, now, one.name, one.owner, one.owner, None, "{}")
        database.execute("INSERT INTO threads VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        kinds = ("user_message", "assistant_message")
        rows = [(str(uuid.uuid4()), "n", kinds[n % 2], thread_id, text, now) for n, text in enumerate(one.messages)]
        database.executemany(put, rows)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], *map(int, sys.argv[2:])))))
