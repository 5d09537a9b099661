"""Observers read along in each session, and set what callbacks find in their context."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context, ContextVar

import convo
import msgspec
import pytest
from convo.log import Subscription
from convo.protocol import Connect, Snapshot, State
from convo.run import Client, Run, Trace
from convo.session import Session
from convo.testing import ChatClient

inside: ContextVar[str] = ContextVar("inside", default="nothing")


async def test_an_observer_sees_all_that_happens_and_each_run_before_it_begins() -> None:
    app = convo.App()
    readers: list[Subscription] = []
    kinds: list[str] = []

    @app.observe
    def watch(session: Session) -> Callable[[Run, Context], None]:
        readers.append(session.log.subscribe())

        def before_run(run: Run, context: Context) -> None:
            assert session.state.runs[run.id].status == "running"
            context.run(inside.set, run.callback)

        return before_run

    @app.on_chat_start
    def start() -> None:  # in a thread
        kinds.append(inside.get())

    @app.on_message
    async def answer(message: convo.Message) -> None:
        kinds.append(await asyncio.create_task(_look()))

    async with ChatClient(app) as chat:
        await chat.send("hello")
        await chat.new_chat()

    assert kinds == ["on_chat_start", "on_message", "on_chat_start"]
    assert inside.get() == "nothing"
    first, second = readers
    assert first.log_id != second.log_id
    whole = first.read()
    assert isinstance(whole, Snapshot)
    state = msgspec.convert(whole.state, State)
    assert [run.callback for run in state.runs] == ["on_chat_start", "on_message"]
    assert state.ended == "shutdown"


async def _look() -> str:
    return inside.get()


async def test_what_observers_raise_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    app = convo.App()

    @app.observe
    def blind(session: Session) -> None:
        raise RuntimeError("cannot see")

    @app.observe
    def clumsy(session: Session) -> Callable[[Run, Context], None]:
        def before_run(run: Run, context: Context) -> None:
            raise RuntimeError("fell over")

        return before_run

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("HELLO").send()

    async with ChatClient(app) as chat:
        assert (await chat.send("hello")).content == "HELLO"

    assert "cannot see" in caplog.text
    assert "fell over" in caplog.text


async def test_a_run_knows_what_its_callback_raised() -> None:
    app = convo.App()
    runs: list[Run] = []
    app.observe(lambda session: lambda run, context: runs.append(run))

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "break":
            raise LookupError("no")

    async with ChatClient(app) as chat:
        await chat.send("break")
        await chat.send("go on")

    assert [run.raised for run in runs] == [LookupError, None]


async def test_the_trace_of_a_request_is_that_of_the_client() -> None:
    app = convo.App()
    clients: list[Client] = []
    app.observe(lambda session: lambda run, context: clients.append(run.client))

    @app.on_chat_start
    async def start() -> None: ...

    async with ChatClient(app) as chat:
        trace = Trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        await chat.directory.open(chat.principal, Connect(protocol=1), trace=trace)
        await chat.new_chat()

    assert [client.trace for client in clients] == [None, trace, None]
