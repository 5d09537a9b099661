"""The life of sessions: whoever connects, leaves, reloads, expires and comes back, callbacks run as often as owed."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from random import Random

import convo
import pytest
from convo.datalayer import StoredThread
from convo.protocol import CommandError, Leave, new_id
from convo.testing import ChatClient
from convo_server.host import Host

CALLBACKS = ("on_chat_start", "on_chat_resume", "on_chat_end")
HOUR = 3600.0


class Forgetful(convo.MemoryDataLayer):
    """As if there were no data layer: nothing can be read back."""

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        return None


class Life:
    """Visitors of a Host, who do this and that, and the number of calls that this owes."""

    def __init__(self, dice: Random, layer: convo.MemoryDataLayer) -> None:
        self.dice = dice
        self.layer = layer
        self.calls: Counter[str] = Counter()
        self.owed: Counter[str] = Counter()
        self.here: set[str] = set(CALLBACKS)  # what the App of the moment has
        self.clients: list[ChatClient] = []
        self.stored: set[str] = set()
        self.host = Host(self.app())

    def app(self) -> convo.App:
        """An App with some of the callbacks, which take their time or fail."""
        app = convo.App({"limits": {"session_timeout": HOUR, "commands_per_second": 1e6}})
        for name in self.here:
            getattr(app, name)(self._callback(name))

        @app.on_message
        async def echo(message: convo.Message) -> str:
            await convo.Message(message.content).send()

        @app.data_layer
        def layer() -> convo.MemoryDataLayer:
            return self.layer

        return app

    def _callback(self, name: str) -> Callable[..., object]:
        async def callback() -> None:
            self.calls[name] += 1
            for _ in range(self.dice.randrange(4)):
                await asyncio.sleep(0)
            if self.dice.random() < 0.1:
                raise LookupError("the author's fault")

        def blocking() -> None:
            self.calls[name] += 1

        return self.dice.choice([callback, callback, blocking])

    def owe(self, name: str) -> None:
        self.owed[name] += name in self.here

    # --- What visitors do ---

    async def open_a_chat(self) -> None:
        client = ChatClient(self.host.app)
        client._directory = self.host.directory
        await client.connect()
        self.clients.append(client)
        self.owe("on_chat_start")

    async def open_a_tab(self) -> None:
        for client in self._some(connected=True):
            self.clients.append(await client.tab())

    async def drop(self) -> None:
        for client in self._some(connected=True):
            client.drop()

    async def leave(self) -> None:
        for client in self._some(connected=True):
            client.raw({"kind": Leave.__struct_config__.tag, "id": new_id()})
            client.drop()

    async def say(self) -> None:
        for client in self._some(connected=True):
            await client.send("something")
            self.stored.add(client.thread_id)

    async def come_back(self) -> None:
        """Several at once, who may want the same thread."""
        clients = [client for client in self.clients if not client.is_connected and self.dice.random() < 0.7]
        self._owe_resumes(clients)
        await asyncio.gather(*map(self._reconnect, clients))

    async def come_back_while_it_ends(self) -> None:
        clients = [client for client in self.clients if not client.is_connected]
        await self._expire()
        self._owe_resumes(clients)
        await asyncio.gather(*map(self._reconnect, clients))

    async def expire(self) -> None:
        await self._expire()
        await asyncio.gather(*self.host.directory._ends.values())

    async def reload(self) -> None:
        self.here = {name for name in CALLBACKS if self.dice.random() < 0.7}
        await self.host.swap(self.app())

    async def shut_down(self) -> None:
        """In the middle of what happens to be going on."""
        for client in self.clients:
            if self.dice.random() < 0.5:
                client.drop()
        if self.dice.random() < 0.5:
            await self._expire()
        for _ in range(self.dice.randrange(3)):
            await asyncio.sleep(0)
        for session in self.host.directory.sessions:
            if not session.is_ending:
                self.owe("on_chat_end")
        await self.host.stop()

    # --- The model ---

    def _some(self, *, connected: bool) -> list[ChatClient]:
        fitting = [client for client in self.clients if client.is_connected == connected]
        return self.dice.sample(fitting, min(len(fitting), 2))

    async def _reconnect(self, client: ChatClient) -> None:
        known = client.thread_id in self._live or self._is_stored(client.thread_id)
        with contextlib.nullcontext() if known else pytest.raises(CommandError, match=r"ended|no such thread"):
            await client.connect()

    def _owe_resumes(self, clients: list[ChatClient]) -> None:
        for thread_id in {client.thread_id for client in clients} - self._live:
            if self._is_stored(thread_id):
                self.owe("on_chat_resume")

    def _is_stored(self, thread_id: str) -> bool:
        return thread_id in self.stored and not isinstance(self.layer, Forgetful)

    @property
    def _live(self) -> set[str]:
        return {session.thread_id for session in self.host.directory.sessions if not session.is_ending}

    async def _expire(self) -> None:
        """An hour goes by, in which nobody does anything."""
        await self.settle()
        here = {client.thread_id for client in self.clients if client.is_connected}
        for session in self.host.directory.sessions:
            session.active_at -= 2 * HOUR
        for _ in self._live - here:
            self.owe("on_chat_end")
        self.host.directory._end_idle()

    async def settle(self) -> None:
        """Wait until everything that was begun is done and stored."""
        async with asyncio.timeout(10):
            while any(session.runs or not session.recorder.is_saved for session in self.host.directory.sessions):
                await asyncio.sleep(0)


@pytest.mark.parametrize("layer", [convo.MemoryDataLayer, Forgetful])
async def test_chats_start_resume_and_end_exactly_as_often_as_promised(layer, campaign, monkeypatch, caplog):
    monkeypatch.setattr("convo.recorder.GATHER_SECONDS", 0.0)
    for _ in range(campaign.of("lives", 2_000, 30)):
        dice = campaign.random
        life = Life(dice, layer(max_threads=1000))
        deeds = [
            life.open_a_chat,
            life.open_a_chat,
            life.open_a_tab,
            life.drop,
            life.drop,
            life.leave,
            life.say,
            life.come_back,
            life.come_back,
            life.come_back_while_it_ends,
            life.expire,
            life.reload,
        ]
        await life.host.start()
        done = []
        for _ in range(dice.randrange(5, 40)):
            deed = dice.choice(deeds)
            done.append(deed.__name__)
            await deed()
            if dice.random() < 0.8:
                await life.settle()
                assert life.calls == life.owed, done
        await life.settle()
        await life.shut_down()
        assert life.calls == life.owed, done
        assert not life.host.directory.sessions
    assert {record.name for record in caplog.records} <= {"convo.session"}, caplog.text
    assert caplog.text.count("Traceback") == caplog.text.count("LookupError: the author's fault")


async def test_a_shutdown_lets_an_end_that_is_going_finish(caplog):
    app = convo.App({"limits": {"session_timeout": 0.1}})
    ending, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @app.on_chat_end
    async def end() -> None:
        ending.set()
        await go_on.wait()
        convo.user_session.set("summary", "said goodbye")
        ended.set()

    layer = convo.MemoryDataLayer()
    chat = ChatClient(app, data_layer=layer)
    async with chat:
        await chat.send("hi")
        chat.drop()
        await asyncio.wait_for(ending.wait(), 5)
        asyncio.get_running_loop().call_later(0.05, go_on.set)
    assert ended.is_set()
    stored = await layer.get_thread(chat.thread_id)
    assert stored.state.session == {"summary": "said goodbye"}
    assert not caplog.records


async def test_a_slow_end_keeps_no_other_chat_alive():
    app = convo.App({"limits": {"session_timeout": 0.05}})
    go_on = asyncio.Event()
    ends: list[str] = []

    @app.on_message
    async def remember(message: convo.Message) -> None:
        convo.user_session.set("name", message.content)

    @app.on_chat_end
    async def end() -> None:
        ends.append(convo.user_session.get("name"))
        if ends[-1] == "slow":
            await go_on.wait()

    async with ChatClient(app) as slow:
        await slow.send("slow")
        quick = await slow.new_chat()
        await quick.send("quick")
        slow.drop()
        async with asyncio.timeout(5):
            while ends != ["slow"]:
                await asyncio.sleep(0.01)
            quick.drop()
            while ends != ["slow", "quick"]:
                await asyncio.sleep(0.01)
        go_on.set()


async def test_nobody_gets_more_connections_than_allowed_by_asking_for_all_at_once():
    app = convo.App({"limits": {"session_timeout": 0.05, "connections_per_principal": 3}})

    class Slow(convo.MemoryDataLayer):
        async def get_thread(self, thread_id: str) -> StoredThread | None:
            await asyncio.sleep(0.01)
            return await super().get_thread(thread_id)

    async with ChatClient(app, data_layer=Slow()) as chat:
        await chat.send("hi")
        chat.drop()
        async with asyncio.timeout(5):
            while chat.directory.sessions:
                await asyncio.sleep(0.01)
        opened = await asyncio.gather(*(chat.resume(chat.thread_id) for _ in range(9)), return_exceptions=True)
        refused = [one.failure.code for one in opened if isinstance(one, CommandError)]
        assert refused == ["rate-limited"] * 6
        with pytest.raises(CommandError):
            await chat.resume("unknown")
        assert chat.directory._connections == {chat.principal.id: 3}
    assert not chat.directory._connections
