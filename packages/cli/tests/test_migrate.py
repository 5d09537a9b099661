"""`convo migrate chainlit`: tables as Chainlit 2.12 makes them, and what becomes of their rows."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import chdir, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from convo.datalayer import Pagination, StoredThread
from convo_cli.main import cli
from convo_sqlalchemy import SQLAlchemyDataLayer
from typer.testing import CliRunner

POSTGRESQL = os.environ.get("CONVO_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1")

# The columns of its SQLAlchemy layer, with SQLite's types.
SQLITE = """
CREATE TABLE users ("id" UUID PRIMARY KEY, "identifier" TEXT NOT NULL UNIQUE, "metadata" JSONB NOT NULL,
    "createdAt" TEXT);
CREATE TABLE threads ("id" UUID PRIMARY KEY, "createdAt" TEXT, "name" TEXT, "userId" UUID, "userIdentifier" TEXT,
    "tags" TEXT[], "metadata" JSONB);
CREATE TABLE steps ("id" UUID PRIMARY KEY, "name" TEXT NOT NULL, "type" TEXT NOT NULL, "threadId" UUID NOT NULL,
    "parentId" UUID, "streaming" BOOLEAN NOT NULL, "waitForAnswer" BOOLEAN, "isError" BOOLEAN, "metadata" JSONB,
    "tags" TEXT[], "input" TEXT, "output" TEXT, "createdAt" TEXT, "command" TEXT, "start" TEXT, "end" TEXT,
    "generation" JSONB, "showInput" TEXT, "language" TEXT, "indent" INT, "defaultOpen" BOOLEAN, "modes" JSONB);
CREATE TABLE elements ("id" UUID PRIMARY KEY, "threadId" UUID, "type" TEXT, "url" TEXT, "chainlitKey" TEXT,
    "name" TEXT NOT NULL, "display" TEXT, "objectKey" TEXT, "size" TEXT, "page" INT, "language" TEXT, "forId" UUID,
    "mime" TEXT, "props" JSONB);
CREATE TABLE feedbacks ("id" UUID PRIMARY KEY, "forId" UUID NOT NULL, "threadId" UUID NOT NULL, "value" INT NOT NULL,
    "comment" TEXT);
"""

# The columns that its official layer for PostgreSQL reads and writes.
OFFICIAL = """
CREATE TYPE "StepType" AS ENUM ('assistant_message', 'embedding', 'llm', 'retrieval', 'rerank', 'run',
    'system_message', 'tool', 'undefined', 'user_message');
CREATE TABLE "User" (id TEXT PRIMARY KEY, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT now(), "updatedAt" TIMESTAMP(3),
    metadata JSONB NOT NULL, identifier TEXT NOT NULL UNIQUE);
CREATE TABLE "Thread" (id TEXT PRIMARY KEY, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT now(), "updatedAt" TIMESTAMP(3),
    "deletedAt" TIMESTAMP(3), name TEXT, metadata JSONB NOT NULL, "userId" TEXT, tags TEXT[]);
CREATE TABLE "Step" (id TEXT PRIMARY KEY, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT now(), "updatedAt" TIMESTAMP(3),
    "parentId" TEXT, "threadId" TEXT, input TEXT, metadata JSONB NOT NULL, name TEXT, output TEXT,
    type "StepType" NOT NULL, "showInput" TEXT DEFAULT 'json', "isError" BOOLEAN DEFAULT false,
    "startTime" TIMESTAMP(3) NOT NULL, "endTime" TIMESTAMP(3) NOT NULL);
CREATE TABLE "Element" (id TEXT PRIMARY KEY, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT now(), "updatedAt" TIMESTAMP(3),
    "threadId" TEXT, "stepId" TEXT NOT NULL, metadata JSONB NOT NULL, mime TEXT, name TEXT NOT NULL, "objectKey" TEXT,
    url TEXT, "chainlitKey" TEXT, display TEXT, size TEXT, language TEXT, page INT, props JSONB);
CREATE TABLE "Feedback" (id TEXT PRIMARY KEY, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT now(),
    "updatedAt" TIMESTAMP(3), "stepId" TEXT, name TEXT NOT NULL, value FLOAT NOT NULL, comment TEXT);
"""


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


USERS = [(uuid(1), "ann@example.org", {"provider": "github"}), (uuid(2), "bob", {})]
CHATS = [(uuid(11), "Fish", uuid(1)), (uuid(12), "Birds", uuid(2)), (uuid(13), None, None)]
SESSION = {"id": "s", "env": {}, "user": None, "chat_profile": "Fast", "chat_settings": {"T": 1}, "mood": "calm"}


def rows_of(chat: int) -> list[dict[str, Any]]:
    """The steps of a chat: a question, its run with nested steps and an answer, and a second question."""
    n = chat * 100
    ids = {name: uuid(n + i) for i, name in enumerate(("q", "run", "tool", "llm", "a", "q2"))}
    at = [f"2025-03-0{chat - 10}T10:00:0{i}.250000" for i in range(6)]
    return [
        {"id": ids["q"], "type": "user_message", "name": "ann", "output": "why? 👍", "at": at[0]},
        {"id": ids["run"], "type": "run", "name": "on_message", "parentId": ids["q"], "at": at[1]},
        {"id": ids["tool"], "type": "tool", "name": "search", "parentId": ids["run"], "input": "w", "output": "{}",
         "at": at[2]},
        {"id": ids["llm"], "type": "llm", "name": "gpt", "parentId": ids["tool"], "output": "deep", "at": at[3]},
        {"id": ids["a"], "type": "assistant_message", "name": "Bot", "parentId": ids["run"], "output": "so",
         "at": at[4], "metadata": {"favorite": False, "k": [1]}},
        {"id": ids["q2"], "type": "user_message", "name": "ann", "output": "and?", "at": at[5],
         "metadata": {"favorite": True}},
    ]  # fmt: skip


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "chainlit.db")) as db:
        db.executescript(SQLITE)
        for id, identifier, metadata in USERS:
            db.execute(
                "INSERT INTO users VALUES (?, ?, ?, '2025-01-01T00:00:00Z')", (id, identifier, json.dumps(metadata))
            )
        names = {id: identifier for id, identifier, _ in USERS}
        for i, (id, name, user_id) in enumerate(CHATS, 11):
            row = (id, "2025-03-01T00:00:00Z", name, user_id, names.get(user_id or ""), None, json.dumps(SESSION))
            db.execute("INSERT INTO threads VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            for step in rows_of(i):
                values = {"id": step["id"], "threadId": id, "name": step["name"], "type": step["type"], "streaming": 0,
                          "parentId": step.get("parentId"), "input": step.get("input"), "output": step.get("output"),
                          "createdAt": step["at"] + "Z", "metadata": json.dumps(step.get("metadata", {})),
                          "generation": "{}", "showInput": "json", "isError": 0}  # fmt: skip
                if step["type"] == "llm":
                    values["generation"] = json.dumps({"type": "CHAT", "model": "m", "tokenCount": 3})
                columns = ", ".join(f'"{column}"' for column in values)
                marks = ", ".join("?" for _ in values)
                db.execute(f"INSERT INTO steps ({columns}) VALUES ({marks})", list(values.values()))
            answer = rows_of(i)[4]["id"]
            element = (uuid(i * 1000), id, "pdf", "https://bucket.example.com/x", "k", "paper.pdf", "side",
                       f"{user_id}/paper.pdf", None, 3, None, answer, "application/pdf", "{}")  # fmt: skip
            db.execute(f"INSERT INTO elements VALUES ({', '.join('?' * 14)})", element)
            db.execute("INSERT INTO feedbacks VALUES (?, ?, ?, 1, 'nice')", (uuid(i * 1000), answer, id))
        stray = (uuid(9), "x", "tool", uuid(99), 0)
        db.execute('INSERT INTO steps (id, name, type, "threadId", streaming) VALUES (?, ?, ?, ?, ?)', stray)
        db.commit()
    return f"sqlite+aiosqlite:///{tmp_path}/chainlit.db"


@pytest.fixture
def official_url() -> Iterator[str]:
    with postgresql() as url:
        asyncio.run(_fill(url))
        yield url


@pytest.fixture
def sqlalchemy_url(sqlite_url: str) -> Iterator[str]:
    """The SQLAlchemy layer's tables in PostgreSQL, with its own types and the same rows."""
    with postgresql() as url:
        asyncio.run(_copy(Path(sqlite_url.partition("///")[2]), url))
        yield url


async def _copy(file: Path, url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(SQLITE)
        with closing(sqlite3.connect(file)) as db:
            db.row_factory = sqlite3.Row
            for table in ("users", "threads", "steps", "elements", "feedbacks"):
                for row in map(dict, db.execute(f"SELECT * FROM {table}").fetchall()):
                    for name in {"metadata", "generation", "props"} & row.keys():
                        row[name] = json.loads(row[name] or "{}")
                    if table == "threads":
                        row["tags"] = ["a", "b"]
                    sql = f"INSERT INTO {table} SELECT * FROM json_populate_record(NULL::{table}, $1)"
                    await connection.execute(sql, json.dumps(row))
    finally:
        await connection.close()


@contextmanager
def postgresql() -> Iterator[str]:
    """An empty database, for a while."""
    name = f"convo_test_{secrets.token_hex(6)}"
    try:
        asyncio.run(_execute(POSTGRESQL, f"CREATE DATABASE {name}"))
    except (OSError, asyncpg.PostgresError) as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL ({type(error).__name__}); start one with: apt-get install postgresql")
    try:
        yield f"{POSTGRESQL}/{name}"
    finally:
        asyncio.run(_execute(POSTGRESQL, f"DROP DATABASE {name}"))


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def _fill(url: str) -> None:
    db = await asyncpg.connect(url)
    try:
        await db.execute(OFFICIAL)
        for id, identifier, metadata in USERS:
            sql = 'INSERT INTO "User" (id, identifier, metadata) VALUES ($1, $2, $3)'
            await db.execute(sql, id, identifier, json.dumps(metadata))
        gone = (uuid(14), "Deleted", uuid(1))
        for i, (id, name, user_id) in enumerate([*CHATS, gone], 11):
            sql = (
                'INSERT INTO "Thread" (id, name, "userId", metadata, tags, "deletedAt") VALUES ($1, $2, $3, $4, $5, $6)'
            )
            deleted = datetime.fromisoformat("2025-04-01") if id == gone[0] else None
            await db.execute(sql, id, name, user_id, json.dumps(SESSION), ["t"], deleted)
            for step in rows_of(i):
                at = datetime.fromisoformat(step["at"])
                sql = """INSERT INTO "Step" (id, "threadId", "parentId", input, metadata, name, output, type,
                    "startTime", "endTime") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""
                values = [step.get("parentId"), step.get("input"), json.dumps(step.get("metadata", {})), step["name"]]
                await db.execute(sql, step["id"], id, *values, step.get("output"), step["type"], at, at)
            answer = rows_of(i)[4]["id"]
            sql = """INSERT INTO "Element" (id, "threadId", "stepId", metadata, mime, name, "objectKey", display, page)
                VALUES ($1, $2, $3, '{"type": "pdf"}', 'application/pdf', 'paper.pdf', $4, 'side', 3)"""
            await db.execute(sql, uuid(i * 1000), id, answer, f"threads/{id}/files/x")
            sql = "INSERT INTO \"Feedback\" (id, \"stepId\", name, value, comment) VALUES ($1, $2, 'user', 1, 'nice')"
            await db.execute(sql, uuid(i * 1000), answer)
    finally:
        await db.close()


def migrate(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    with chdir(cwd):
        environment = {"CONVO_DATA__URL": "sqlite:///history.db"}
        result = CliRunner().invoke(cli, ["migrate", "chainlit", *arguments], env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


async def read(folder: Path, *ids: str) -> tuple[dict[str, str], list[StoredThread], list[tuple[str, str | None]]]:
    """Identifiers by ids, the threads, and everybody's list."""
    layer = SQLAlchemyDataLayer(f"sqlite:///{folder}/history.db")
    await layer.open()
    users = [await layer.get_user(identifier) for _, identifier, _ in USERS]
    found = [await layer.get_thread(thread_id) for thread_id in ids]
    listed = (await layer.list_threads(None, Pagination())).threads
    await layer.close()
    names = {user.id: user.identifier for user in users if user is not None}
    return names, [one for one in found if one is not None], [(info.id, info.changed_at) for info in listed]


def check(folder: Path, *, has_generation: bool) -> None:
    names, threads, _ = asyncio.run(read(folder, *(id for id, _, _ in CHATS)))
    assert [names.get(one.owner_id, one.owner_id) for one in threads] == ["ann@example.org", "bob", "chainlit"]
    assert [one.state.thread.name for one in threads] == ["Fish", "Birds", None]
    fish = threads[0].state
    q, run, tool, llm, a, q2 = (step["id"] for step in rows_of(11))
    assert [(step.id, step.parent_id, step.run_id, step.prior_id) for step in fish.steps] == [
        (q, None, run, None),
        (tool, None, run, None),
        (llm, tool, run, None),
        (a, None, run, q),
        (q2, None, None, a),
    ]
    assert [(one.id, one.trigger, one.status) for one in fish.runs] == [(run, q, "done")]
    assert [step.output for step in fish.steps] == ["why? 👍", "{}", "deep", "so", "and?"]
    assert [step.favourite for step in fish.steps] == [False, False, False, False, True]
    assert (fish.steps[1].input, fish.steps[1].created_at) == ("w", "2025-03-01T10:00:02.250Z")
    assert (fish.steps[3].author, fish.steps[3].metadata) == ("Bot", {"k": [1]})
    assert fish.steps[0].by == threads[0].owner_id
    rated = fish.steps[3].feedback
    assert rated is not None
    assert (rated.value, rated.comment) == (1, "nice")
    assert (fish.leaf, fish.profile, fish.settings, fish.session) == (
        q2,
        "Fast",
        {"values": {"T": 1}},
        {"mood": "calm"},
    )
    [element] = fish.elements
    assert (element.type, element.for_id, element.display, element.props) == ("pdf", a, "side", {"page": 3})
    assert element.metadata is not None
    assert element.metadata["object_key"]
    generation = fish.steps[2].generation
    assert (generation is not None and generation.model == "m") == has_generation


def table(report: str) -> dict[str, list[int]]:
    return {
        line.split()[0]: [int(number) for number in line.split()[1:]]
        for line in report.splitlines()
        if re.fullmatch(r"\w+ +\d+ +\d+ +\d+", line)
    }


def test_a_database_of_the_sqlalchemy_layer_is_taken_over(sqlite_url: str, tmp_path: Path) -> None:
    before = hashlib.sha256((tmp_path / "chainlit.db").read_bytes()).digest()
    code, dry, _ = migrate(sqlite_url, "--dry-run", cwd=tmp_path)
    assert (code, "Nothing was stored: this was a dry run." in dry) == (0, True)
    assert not (tmp_path / "history.db").exists()
    code, report, _ = migrate(sqlite_url, cwd=tmp_path)
    assert code == 0
    assert "Chainlit, SQLAlchemy layer" in report
    assert table(report) == table(dry) == {
        "users": [2, 2, 0],
        "threads": [3, 3, 0],
        "steps": [19, 18, 1],
        "elements": [3, 3, 0],
        "feedback": [3, 3, 0],
    }  # fmt: skip
    hashes = re.findall(r"SHA-256 .* ([0-9a-f]{64})", report)
    assert len(hashes) == 2
    assert len(set(hashes)) == 1
    assert "3 chats stored, 0 there already" in report
    assert "Nobody's there, and `chainlit`'s here: 1 chat." in report
    assert "With a file in a storage: 3 elements. Files are not copied" in report
    check(tmp_path, has_generation=True)
    _, _, listed = asyncio.run(read(tmp_path))
    assert listed == [(id, f"2025-03-0{i}T10:00:05.250Z") for i, (id, _, _) in reversed(list(enumerate(CHATS, 1)))]

    code, again, _ = migrate(sqlite_url, cwd=tmp_path)
    assert (code, "0 chats stored, 3 there already, left as before." in again) == (0, True)
    assert set(re.findall(r"SHA-256 .* ([0-9a-f]{64})", again)) == set(hashes)
    assert hashlib.sha256((tmp_path / "chainlit.db").read_bytes()).digest() == before
    assert not list(tmp_path.glob("chainlit.db-*"))


def test_so_is_one_in_postgresql_by_pages(sqlalchemy_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convo_sqlalchemy.chainlit.PAGE", 1)
    code, report, said = migrate(sqlalchemy_url, cwd=tmp_path)
    assert code == 0, said
    assert table(report)["threads"] == [3, 3, 0]
    assert table(report)["steps"] == [19, 18, 1]
    check(tmp_path, has_generation=True)
    _, threads, _ = asyncio.run(read(tmp_path, CHATS[0][0]))
    assert threads[0].state.thread.tags == ["a", "b"]


def test_a_database_of_the_official_layer_is_taken_over(
    official_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convo_sqlalchemy.chainlit.PAGE", 2)
    code, report, said = migrate(official_url, cwd=tmp_path)
    assert code == 0, said
    assert "Chainlit, official PostgreSQL layer" in report
    assert table(report) == {
        "users": [2, 2, 0],
        "threads": [4, 3, 1],
        "steps": [24, 18, 6],
        "elements": [4, 3, 1],
        "feedback": [4, 3, 1],
    }
    assert len(set(re.findall(r"SHA-256 .* ([0-9a-f]{64})", report))) == 1
    check(tmp_path, has_generation=False)


def test_what_cannot_be_read_is_said_with_what_to_do(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    for url, said in (
        ("sqlite:///none.db", "There is no file `none.db`."),
        ("sqlite:///empty.db", "holds no tables of Chainlit"),
        ("mysql://root@127.0.0.1/x", "is read from `sqlite:///file.db` or `postgresql://"),
        ("nonsense", "is not a database URL"),
        ("postgresql://ann:hunter2@127.0.0.1:1/x", "does not answer"),
    ):
        code, _, error = migrate(url, "--dry-run", cwd=tmp_path)
        assert (code, said in error, "hunter2" in error, "Traceback" in error) == (1, True, False, False), error
