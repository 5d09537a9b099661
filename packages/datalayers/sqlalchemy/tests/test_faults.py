"""What goes wrong with a database is told, is tried again, and loses nothing that was said to be saved."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import convo
import msgspec
import pytest
import sqlalchemy as sa
from convo.datalayer import Changes, Pagination, StoredThread
from convo.errors import DataLayerError, UnavailableError
from convo.protocol import State, Step, ThreadInfo
from convo.recorder import RETRY_SECONDS
from convo.testing import ChatClient
from convo.user import User
from convo_sqlalchemy import SQLAlchemyDataLayer
from convo_sqlalchemy.database import open_database
from convo_sqlalchemy.urls import database_url
from sqlalchemy import Engine, Pool, event
from sqlalchemy.engine import make_url
from sqlalchemy.util import await_only


def changes(thread_id: str, epoch: int, *texts: str) -> Changes:
    steps = [Step(id=f"m{i}", type="user_message", output=text) for i, text in enumerate(texts)]
    state = State(thread=ThreadInfo(id=thread_id, name=f"about {thread_id}"), steps=steps)
    return Changes(thread_id=thread_id, owner_id="ann", epoch=epoch, seq=1, state=state, removed=[])


@pytest.fixture
async def layer(url: str) -> AsyncIterator[SQLAlchemyDataLayer]:
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    yield layer
    await layer.close()


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> AsyncIterator[str]:
        async with convo.Step(name="think", type="tool") as step:
            step.output = message.content
        for word in f"re: {message.content}".split(" "):
            yield word + " "
            await asyncio.sleep(0)

    return app


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convo.recorder.RETRY_SECONDS", (0.02,) * len(RETRY_SECONDS))


class Road:
    """A way to a server that can be closed."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._server: asyncio.Server | None = None
        self._open: list[asyncio.StreamWriter] = []
        self.port = 0
        self.delay = 0.0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection(*self._to)
        self._open += [writer, here]
        await asyncio.gather(self._carry(reader, here), self._carry(there, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()


@pytest.fixture
async def road(server_url: str) -> AsyncIterator[tuple[Road, str]]:
    """A road, and the URL of a throwaway database at its end."""
    address = make_url(server_url)
    assert address.host is not None
    road = Road(address.host, address.port or 5432)
    await road.open()
    by_road = address.set(host="127.0.0.1", port=road.port)
    yield road, by_road.render_as_string(hide_password=False)
    await road.close()


async def stored(layer: SQLAlchemyDataLayer, thread_id: str) -> StoredThread:
    found = await layer.get_thread(thread_id)
    assert found is not None
    return found


async def test_a_database_that_is_lost_and_comes_back_has_everything(
    road: tuple[Road, str], app: convo.App, impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    way, url = road
    layer = SQLAlchemyDataLayer(url)
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("before")
        await chat.until(lambda: chat.state.saved.seq >= 8)
        await way.close()
        await chat.send("meanwhile")
        await chat.until(lambda: chat.state.saved.since is not None)
        assert "does not answer" in (chat.state.saved.reason or "")
        with pytest.raises(UnavailableError):
            await layer.get_thread(chat.thread_id)
        await chat.send("still")
        await way.open()
        await chat.until(lambda: chat.state.saved.since is None and chat.state.saved.seq > 20)
        await chat.send("after")
        said = [step.output for step in chat.state.view().steps]
        thread_id = chat.thread_id
    again = SQLAlchemyDataLayer(url)
    await again.open()
    assert [step.output for step in (await stored(again, thread_id)).state.steps] == said
    await again.close()


async def test_a_slow_database_delays_no_answer(road: tuple[Road, str], app: convo.App) -> None:
    way, url = road
    async with ChatClient(app, data_layer=SQLAlchemyDataLayer(url)) as chat:
        way.delay = 0.2
        for text in ("one", "two", "three"):
            await chat.send(text)
        assert chat.state.saved.seq < 20  # they were answered before they were stored
        way.delay = 0.0
        await chat.until(lambda: chat.state.saved.seq > 20)


async def test_connections_that_the_server_ended_are_replaced(server_url: str) -> None:
    layer = SQLAlchemyDataLayer(server_url)
    await layer.open()
    epoch = await layer.claim_thread("t", "p")
    kill = {
        "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "mysql": "SELECT concat('KILL ', id) FROM information_schema.processlist "
        "WHERE db = database() AND id <> connection_id()",
    }
    dialect = make_url(server_url).get_backend_name()
    database = open_database(database_url(server_url))

    def end(connection: sa.Connection) -> None:
        for row in connection.exec_driver_sql(kill[dialect]).all():
            if dialect == "mysql":
                connection.exec_driver_sql(row[0])

    await database.write(end)
    await database.close()
    await layer.apply(changes("t", epoch, "kept"))
    assert [step.output for step in (await stored(layer, "t")).state.steps] == ["kept"]
    await layer.close()


@contextmanager
def listening(target: Any, name: str, function: Callable[..., Any]) -> Iterator[None]:
    event.listen(target, name, function)
    try:
        yield
    finally:
        event.remove(target, name, function)


async def test_a_full_disk_is_told_and_caught_up_with_once_there_is_room(
    tmp_path: Path, app: convo.App, impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    pages = 1 << 30

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    layer = SQLAlchemyDataLayer(f"sqlite:///{tmp_path}/history.db")
    with listening(Pool, "checkout", limit):
        async with ChatClient(app, data_layer=layer) as chat:
            await chat.send("before")
            await chat.until(lambda: chat.state.saved.seq >= 8)
            pages = 1  # that is: no more than there are
            await chat.send("x" * 200_000)
            await chat.until(lambda: chat.state.saved.since is not None)
            assert "database or disk is full" in (chat.state.saved.reason or "")
            before = [step.output for step in (await stored(layer, chat.thread_id)).state.steps]
            assert before[0] == "before"
            assert all(len(text) < 100 for text in before)
            pages = 1 << 30
            await chat.until(lambda: chat.state.saved.since is None)
            said = [step.output for step in chat.state.view().steps]
            await chat.until(lambda: chat.state.saved.seq > 10)
            assert [step.output for step in (await stored(layer, chat.thread_id)).state.steps] == said


async def test_transactions_that_stand_in_each_others_way_both_succeed(server_url: str) -> None:
    layer = SQLAlchemyDataLayer(server_url)
    await layer.open()
    for thread_id in ("a", "b"):
        await layer.claim_thread(thread_id, "p")
    database = open_database(database_url(server_url))
    both_hold_one = asyncio.Barrier(2)
    attempts = 0

    def crossing(first: str, second: str) -> Callable[[sa.Connection], None]:
        def work(connection: sa.Connection) -> None:
            nonlocal attempts
            attempts += 1
            attempt = attempts
            connection.exec_driver_sql(f"UPDATE convo_threads SET epoch = epoch + 1 WHERE id = '{first}'")
            if attempt <= 2:  # their first
                await_only(both_hold_one.wait())
            connection.exec_driver_sql(f"UPDATE convo_threads SET epoch = epoch + 1 WHERE id = '{second}'")

        return work

    await asyncio.gather(database.write(crossing("a", "b")), database.write(crossing("b", "a")))
    await database.close()
    assert attempts >= 3
    assert [await layer.claim_thread(thread_id, "p") for thread_id in ("a", "b")] == [4, 4]
    await layer.close()


async def test_a_user_who_signs_in_many_times_at_once_is_one(layer: SQLAlchemyDataLayer) -> None:
    saved = await asyncio.gather(*(layer.save_user(User("ann", display_name=f"{i}")) for i in range(10)))
    assert len({user.id for user in saved}) == 1


@pytest.mark.parametrize("broken", ['{"id":', "nonsense", '{"id":"m0","type":"a type of next year"}', "[]"])
async def test_a_message_that_cannot_be_read_is_told_by_its_thread_alone(
    layer: SQLAlchemyDataLayer, url: str, broken: str
) -> None:
    for thread_id in ("good", "bad"):
        epoch = await layer.claim_thread(thread_id, "p")
        await layer.apply(changes(thread_id, epoch, "about whales", "second"))
    database = open_database(database_url(url))
    damage = sa.text("UPDATE convo_entries SET body = :body, favourite = 'x' WHERE thread_id = 'bad' AND id = 'm0'")
    await database.write(lambda connection: connection.execute(damage, {"body": broken}))
    await database.close()

    with pytest.raises(DataLayerError, match="cannot be read; perhaps a later version of convo wrote it") as caught:
        await layer.get_thread("bad")
    assert not isinstance(caught.value, UnavailableError)
    assert len((await stored(layer, "good")).state.steps) == 2
    assert [thread.id for thread in (await layer.list_threads("ann", Pagination())).threads] == ["bad", "good"]
    assert [hit.thread.id for hit in (await layer.search_threads("ann", "whales", Pagination())).hits] == ["good"]
    assert (await layer.list_favourites("ann", Pagination())).favourites == []


async def test_a_thread_whose_facts_cannot_be_read_is_still_in_the_list(layer: SQLAlchemyDataLayer, url: str) -> None:
    for thread_id in ("good", "bad"):
        epoch = await layer.claim_thread(thread_id, "p")
        await layer.apply(changes(thread_id, epoch, "text"))
    database = open_database(database_url(url))
    damage = sa.text("UPDATE convo_threads SET info = '{' WHERE id = 'bad'")
    await database.write(lambda connection: connection.execute(damage))
    await database.close()
    threads = (await layer.list_threads("ann", Pagination())).threads
    assert [(thread.id, thread.name) for thread in threads] == [("bad", None), ("good", "about good")]
    with pytest.raises(DataLayerError, match="cannot be read"):
        await layer.get_thread("bad")


@pytest.mark.parametrize("seed", range(3))
async def test_with_one_call_in_twenty_failing_the_rows_are_what_was_said(
    url: str, app: convo.App, impatient: None, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(seed)
    failures = 0

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal failures
        if statement.startswith("BEGIN") or dice.random() > 0.05:
            return
        failures += 1
        raise sa.exc.OperationalError(statement, None, Exception("the disk had a hiccup"))

    layer = SQLAlchemyDataLayer(url)
    async with ChatClient(app, data_layer=layer) as chat:
        with listening(Engine, "before_cursor_execute", fail):
            for n in range(40):
                await chat.send(f"message {n}")
                if n % 5 == 4:
                    await chat.edit(chat.state.view().steps[0].id, f"edited {n}")
                await asyncio.sleep(0.06)  # long enough to be stored by itself
        await chat.until(lambda: chat.state.saved.since is None)
        thread_id = chat.thread_id
        said = chat.state.view()
    assert failures
    again = SQLAlchemyDataLayer(url)
    await again.open()
    kept = (await stored(again, thread_id)).state
    for field in ("steps", "runs", "elements", "actions", "asks", "leaf", "thread"):
        assert msgspec.to_builtins(getattr(kept, field)) == msgspec.to_builtins(getattr(said, field)), field
    await again.close()
