"""A stored thread that gets a session: made beside the event loop, and found by nobody before it is whole."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import convo
import msgspec
import pytest
from convo.datalayer import StoredThread
from convo.memory import MemoryDataLayer
from convo.protocol import CommandError
from convo.testing import ChatClient


class Held(dict[str, Any]):
    """The metadata of a thread that is being made a dict, in a thread that waits until it is let go."""

    def __init__(self) -> None:
        super().__init__(kept=True)
        self.reached = asyncio.Event()
        self.go_on = threading.Event()
        self._loop = asyncio.get_running_loop()

    def __or__(self, other: Any) -> dict[str, Any]:
        assert threading.current_thread() is not threading.main_thread()
        self._loop.call_soon_threadsafe(self.reached.set)
        assert self.go_on.wait(10)
        return dict(self) | other


class Kept(MemoryDataLayer):
    is_durable = True
    held: Held | None = None

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        stored = await super().get_thread(thread_id)
        if stored is None or self.held is None:
            return stored
        state = stored.state
        info = msgspec.structs.replace(state.thread, metadata=self.held)
        return replace(stored, state=msgspec.structs.replace(state, thread=info))


@pytest.fixture
def layer() -> Kept:
    return Kept()


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
async def chat(layer: Kept, calls: list[str]) -> AsyncIterator[ChatClient]:
    """A chat whose thread is stored and that has no session any more."""
    async with ChatClient(make("old", calls), data_layer=layer) as chat:
        await chat.send("hi")
        await chat.until(lambda: chat.state.saved.seq > 0, "the answer in the store")
        chat.drop()
        for session in chat.directory.sessions:
            await chat.directory.end_session(session, "idle")
        calls.clear()
        layer.held = Held()
        yield chat


def make(name: str, calls: list[str]) -> convo.App:
    app = convo.App()

    @app.on_chat_resume
    def resume(thread: convo.ThreadDict) -> None:
        calls.append(f"{name}: resume {[step['output'] for step in thread['steps'] if step['type'] != 'run']}")

    @app.on_connect
    def connect() -> None:
        calls.append(f"{name}: connect")

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(f"{name}: {message.content}").send()

    return app


async def test_nobody_finds_a_session_before_its_on_chat_resume_has_begun(
    chat: ChatClient, layer: Kept, calls: list[str]
) -> None:
    assert layer.held is not None
    opening = [asyncio.create_task(chat.resume(chat.thread_id)) for _ in range(3)]
    await layer.held.reached.wait()
    other = await chat.new_chat()  # the loop is free
    assert (await other.send("meanwhile")).content == "old: meanwhile"
    assert [session.thread_id for session in chat.directory.sessions] == [other.thread_id]
    calls.clear()
    layer.held.go_on.set()
    tabs = await asyncio.gather(*opening)

    assert calls[:1] == ["old: resume ['hi', 'old: hi']"]
    assert calls[1:] == ["old: connect"] * 3
    assert len({tab.hello.session for tab in tabs}) == 1
    assert (await tabs[0].send("again")).content == "old: again"


async def test_a_session_that_is_being_made_goes_with_a_reload(chat: ChatClient, layer: Kept, calls: list[str]) -> None:
    assert layer.held is not None
    opening = asyncio.create_task(chat.resume(chat.thread_id))
    await layer.held.reached.wait()
    await chat.directory.swap(make("new", calls).callbacks, chat.directory.config)
    layer.held.go_on.set()
    tab = await opening

    assert (await tab.send("again")).content == "new: again"
    assert calls == ["new: resume ['hi', 'old: hi']", "new: connect"]


async def test_a_session_that_is_being_made_changes_hands(chat: ChatClient, layer: Kept) -> None:
    assert layer.held is not None
    opening = asyncio.create_task(chat.resume(chat.thread_id))
    await layer.held.reached.wait()
    mine = await chat.log_in(convo.User("ada"))  # as a visitor's chats become his
    layer.held.go_on.set()
    with pytest.raises(CommandError, match="not yours"):
        await opening

    layer.held = None
    assert (await (await mine.resume(chat.thread_id)).send("again")).content == "old: again"


async def test_a_session_that_nobody_waits_for_any_more_leaves_nothing(chat: ChatClient, layer: Kept) -> None:
    assert layer.held is not None
    opening = asyncio.create_task(chat.resume(chat.thread_id))
    await layer.held.reached.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    layer.held.go_on.set()
    assert chat.directory.live_sessions.all() == []
    layer.held = None
    assert (await (await chat.resume(chat.thread_id)).send("again")).content == "old: again"
