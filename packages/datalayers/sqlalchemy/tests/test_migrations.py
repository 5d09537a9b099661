"""A database of any revision, with data in it, becomes one of this version."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from convo.datalayer import Changes, Pagination
from convo.errors import MisconfiguredError
from convo.protocol import State, Step, ThreadInfo
from convo.user import User
from convo_sqlalchemy import SQLAlchemyDataLayer, migrations
from convo_sqlalchemy.database import open_database
from convo_sqlalchemy.migrations import REVISIONS, VERSION_TABLE, upgrade
from convo_sqlalchemy.schema import metadata
from convo_sqlalchemy.urls import database_url


async def on(url: str, work: Callable[[sa.Connection], Any]) -> Any:
    """What `work` returns, in a transaction of its own."""
    database = open_database(database_url(url))
    try:
        return await database.write(work)
    finally:
        await database.close()


async def execute(url: str, *statements: str) -> None:
    await on(url, lambda connection: [connection.exec_driver_sql(statement) for statement in statements])


def put(connection: sa.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    connection.execute(sa.insert(sa.table(table, *(sa.column(name) for name in rows[0]))), rows)


async def make_revision(url: str, revision: str) -> None:
    """A database as this revision had it, with something in each of its tables."""
    await make_first_revision(url)
    await on(url, lambda connection: upgrade(connection, revision))

    def fill(connection: sa.Connection) -> None:
        if revision >= "0002":
            user = {"id": "ann", "identifier": "ann@example.org", "created_at": "2026-01-01T00:00:00.000Z"}
            put(connection, "convo_users", [user | {"body": '{"display_name":"Ann","metadata":{"a":1}}'}])
        if revision >= "0003":
            share = {"id": "s", "thread_id": "t1", "created_at": "2026-01-01T00:00:00.000Z"}
            put(connection, "convo_shares", [share | {"body": '{"kind":"live","cot":"full"}'}])
        if revision >= "0004":
            put(connection, "convo_identities", [{"provider": "github", "subject": "7", "user_id": "ann"}])

    await on(url, fill)


async def make_first_revision(url: str) -> None:
    """A database as the first revision had it, with two threads in it; one entry cannot be read."""
    await on(url, lambda connection: upgrade(connection, "0001"))

    def fill(connection: sa.Connection) -> None:
        facts = {"schema": "1", "secret": "ab" * 32}
        put(connection, "convo_facts", [{"name": name, "value": value} for name, value in facts.items()])
        for number, title in enumerate(("Größe of whales", None), 1):
            thread = {
                "id": f"t{number}",
                "epoch": 3,
                "process": "p",
                "owner_id": "ann",
                "changed_at": 1_790_000_000_000_000 + number,
                "info": f'{{"id":"t{number}","name":"{title}","pinned":true}}' if title else f'{{"id":"t{number}"}}',
                "fields": "{}",
            }
            put(connection, "convo_threads", [thread])
            found = {
                "m1": '{"id":"m1","type":"user_message","output":"How long is a whale?","favourite":true,'
                '"createdAt":"2026-11-05T12:00:00.123Z"}',
                "s1": '{"id":"s1","type":"tool","output":"thirty metres"}',
                "m2": '{"id":"m2","type":"assistant_message","output":"About thirty."}',
            }
            found |= {"broken": '{"id":'} if number == 2 else {}
            found |= {f"x{i}": f'{{"id":"x{i}","type":"assistant_message","output":"filler {i}"}}' for i in range(1200)}
            entry = {"thread_id": f"t{number}", "collection": "steps"}
            put(connection, "convo_entries", [entry | {"id": key, "body": body} for key, body in found.items()])

    await on(url, fill)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_revision_with_data_in_it_becomes_the_newest(url: str, revision: str) -> None:
    await make_revision(url, revision)
    assert await SQLAlchemyDataLayer(url).migrations.current() == revision
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    assert await layer.migrations.current() == REVISIONS[-1]
    ann = await layer.get_user("ann@example.org")
    assert (ann and (ann.id, ann.display_name, ann.metadata)) == (
        ("ann", "Ann", {"a": 1}) if revision >= "0002" else None
    )
    assert [share.id for share in await layer.list_shares("t1")] == (["s"] if revision >= "0003" else [])
    again = await layer.sign_ins.identify("github", "7", User("elsewhere@example.org"))
    assert (again.id == "ann") == (revision >= "0004")
    assert await layer.get_secret() == bytes.fromhex("ab" * 32)
    assert [hit.step_id for hit in (await layer.search_threads("ann", "grosse whale", Pagination())).hits] == [None]
    assert [hit.step_id for hit in (await layer.search_threads("ann", "about thirty", Pagination())).hits] == ["m2"] * 2
    assert (await layer.search_threads("ann", "metres", Pagination())).hits == []
    favourites = (await layer.list_favourites("ann", Pagination())).favourites
    assert [(found.thread_id, found.step.id) for found in favourites] == [("t2", "m1"), ("t1", "m1")]
    pinned = await layer.list_threads("ann", Pagination(), pinned=True)
    assert [(thread.id, thread.changed_at) for thread in pinned.threads] == [("t1", "2026-09-21T14:13:20.000Z")]
    stored = await layer.get_thread("t1")
    assert stored is not None
    assert [step.id for step in stored.state.steps][:3] == ["m1", "s1", "m2"]
    assert len(stored.state.steps) == 1203
    assert await layer.claim_thread("t1", "p") == 4
    await layer.close()


async def test_a_database_from_before_there_were_revisions_is_taken_over(url: str) -> None:
    await make_first_revision(url)
    await execute(url, f"DROP TABLE {VERSION_TABLE}")
    assert await SQLAlchemyDataLayer(url).migrations.current() == "0001"
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    assert len((await layer.search_threads("ann", "thirty", Pagination())).hits) == 2
    await layer.close()
    assert await layer.migrations.current() == REVISIONS[-1]


async def test_an_upgrade_that_was_cut_off_is_finished(mysql_url: str) -> None:
    await make_first_revision(mysql_url)
    await execute(
        mysql_url,
        "ALTER TABLE convo_threads ADD COLUMN pinned BOOL NOT NULL DEFAULT false",
        "ALTER TABLE convo_entries ADD COLUMN favourite VARBINARY(128)",
        "CREATE INDEX convo_entries_favourites ON convo_entries (thread_id, favourite)",
    )
    layer = SQLAlchemyDataLayer(mysql_url)
    await layer.open()
    assert len((await layer.search_threads("ann", "thirty", Pagination())).hits) == 2
    await layer.close()


async def test_processes_that_start_together_upgrade_once(url: str) -> None:
    await make_first_revision(url)
    writer = Path(__file__).with_name("writer.py")
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, str(writer), "claim", url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    for output, errors in await asyncio.gather(*(process.communicate() for process in processes)):
        assert not errors, errors.decode()
        assert len(output.split()) == 20
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    assert len((await layer.search_threads("ann", "thirty", Pagination())).hits) == 2
    await layer.close()


async def test_going_back_and_up_again_keeps_every_thread(url: str) -> None:
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    epoch = await layer.claim_thread("t", "p")
    steps = [Step(id=f"m{i}", type="user_message", output=f"whale {i}", favourite=i == 3) for i in range(5)]
    state = State(thread=ThreadInfo(id="t", name="Fish", pinned=True), steps=steps)
    await layer.apply(Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=1, state=state, removed=[]))
    await layer.close()
    for revision in reversed(REVISIONS[:-1]):
        await layer.migrations.downgrade(revision)
        assert await layer.migrations.current() == revision
    with pytest.raises(MisconfiguredError, match="`0007` is no earlier revision"):
        await layer.migrations.downgrade("0007")
    await layer.migrations.upgrade()
    await layer.open()
    stored = await layer.get_thread("t")
    assert stored is not None
    assert stored.state == state
    assert [hit.step_id for hit in (await layer.search_threads("ann", "whale 3", Pagination())).hits] == ["m3"]
    assert [found.step.id for found in (await layer.list_favourites("ann", Pagination())).favourites] == ["m3"]
    assert len((await layer.list_threads("ann", Pagination(), pinned=True)).threads) == 1
    await layer.close()


async def test_a_layer_that_may_not_migrate_says_what_to_run(url: str) -> None:
    layer = SQLAlchemyDataLayer(url)
    layer.migrates = False
    with pytest.raises(MisconfiguredError, match=r"has no tables yet.* run `convo db upgrade`"):
        await layer.open()
    await on(url, lambda connection: upgrade(connection, "0001"))
    with pytest.raises(MisconfiguredError, match=r"has the schema 0001, and this version needs 0004; run `convo db"):
        await layer.open()
    await layer.migrations.upgrade()
    await layer.open()
    await layer.close()


async def test_a_schema_of_a_later_version_is_refused_in_one_sentence(url: str) -> None:
    layer = SQLAlchemyDataLayer(url)
    await layer.migrations.upgrade()
    await execute(url, f"UPDATE {VERSION_TABLE} SET version_num = '0099'")
    with pytest.raises(MisconfiguredError, match=r"has the schema 0099, and convo-sqlalchemy .* knows 0004 at most"):
        await layer.open()
    with pytest.raises(MisconfiguredError, match="0099"):
        await layer.migrations.upgrade()


async def test_the_revisions_add_up_to_the_tables_that_statements_know(url: str) -> None:
    def compare(connection: sa.Connection) -> list[Any]:
        def is_ours(name: str | None, kind: str, _: object) -> bool:
            return kind != "table" or ((name or "").startswith("convo_") and not (name or "").startswith("convo_words"))

        options = {"version_table": VERSION_TABLE, "include_name": is_ours, "compare_type": False}
        found: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        return [change for change in found if getattr(change[-1], "name", None) != "convo_entries_words"]

    await SQLAlchemyDataLayer(url).migrations.upgrade()
    assert await on(url, compare) == []


def test_every_revision_is_known_in_order() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).with_name("revisions")))
    assert [revision.revision for revision in script.walk_revisions()] == list(reversed(REVISIONS))
