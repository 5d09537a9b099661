"""The life of chats: whatever order tabs come, go and come back in, each thread's callbacks run as promised."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from random import Random
from typing import Any

import convo
import pytest
from convo.datalayer import StoredThread
from convo.directory import Directory
from convo.protocol import CommandError, Leave, new_id
from convo.session import Session
from convo.testing import ChatClient

CALLBACKS = ("on_chat_start", "on_chat_resume", "on_chat_end", "on_connect", "on_disconnect")
HOUR = 3600.0


class Forgetful(convo.MemoryDataLayer):
    """As if there were no history: nothing can be read back."""

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        return None


class Life:
    """Tabs that do this and that; for each thread the callbacks that ran, and those that were promised, in order."""

    def __init__(self, dice: Random, *, is_remembered: bool) -> None:
        self.dice = dice
        self.ran: dict[str, list[str]] = defaultdict(list)
        self.promised: dict[str, list[str]] = defaultdict(list)
        self.is_remembered = is_remembered
        self.registered = set(CALLBACKS)
        self.tabs: list[ChatClient] = []
        self.used: set[str] = set()  # threads somebody said something in
        self.busy: set[str] = set()  # threads whose `on_message` has not come to its end
        self.go_on = asyncio.Event()
        self.app = self.load()
        self.directory: Directory

    def load(self) -> convo.App:
        app = convo.App({"limits": {"session_timeout": HOUR, "commands_per_second": 1e6}})
        for name in self.registered:
            app.callbacks.add(name, self.callback(name))

        @app.on_message
        async def answer(message: convo.Message) -> None:
            if message.content == "take your time":
                await self.go_on.wait()
            await convo.Message("done").send()

        return app

    def callback(self, name: str) -> Any:
        async def callback() -> None:
            self.ran[convo.context.session.thread_id].append(name)
            for _ in range(self.dice.randrange(4)):
                await asyncio.sleep(0)

        return callback

    def promise(self, thread_id: str, *names: str) -> None:
        for name in names:
            if name in self.registered:
                self.promised[thread_id].append(name)

    # --- What happens ---

    async def a_chat_begins(self) -> None:
        tab = ChatClient(self.app)
        tab._directory = self.directory
        await tab.connect()
        self.tabs.append(tab)
        self.promise(tab.thread_id, "on_chat_start", "on_connect")

    async def a_second_tab_opens(self) -> None:
        for tab in self.some(is_connected=True):
            self.tabs.append(await tab.tab())
            self.promise(tab.thread_id, "on_connect")

    async def a_tab_is_cut(self) -> None:
        for tab in self.some(is_connected=True):
            tab.drop()
            self.promise(tab.thread_id, "on_disconnect")

    async def a_tab_leaves(self) -> None:
        for tab in self.some(is_connected=True):
            for _ in range(self.dice.choice([1, 1, 2])):
                tab.raw({"kind": Leave.__struct_config__.tag, "id": new_id()})
            tab.drop()
            self.promise(tab.thread_id, "on_disconnect")

    async def a_tab_is_cut_and_back_at_once(self) -> None:
        for tab in self.some(is_connected=True):
            tab.drop()
            await tab.connect()
            self.promise(tab.thread_id, "on_disconnect", "on_connect")

    async def a_stranger_tries_to_join(self) -> None:
        for tab in self.some(is_connected=True):
            stranger = ChatClient(self.app, thread=tab.thread_id)
            stranger._directory = self.directory
            with pytest.raises(CommandError, match="no such thread"):
                await stranger.connect()

    async def somebody_speaks(self) -> None:
        for tab in self.some(is_connected=True):
            if tab.thread_id not in self.busy:
                self.used.add(tab.thread_id)
                if self.dice.random() < 0.7:
                    await tab.send("hi")
                else:
                    self.busy.add(tab.thread_id)
                    await tab.post("take your time")

    async def answers_are_done(self) -> None:
        self.go_on.set()
        self.busy.clear()
        await self.settle()
        self.go_on.clear()

    async def an_hour_passes(self) -> None:
        self.expire(await self.idle())
        await asyncio.gather(*self.directory.live_sessions._ends.values())

    async def tabs_come_back(self) -> None:
        """Several at once, who may want the same thread."""
        await self.connect_all([tab for tab in self.tabs if not tab.is_connected and self.dice.random() < 0.6])

    async def tabs_come_back_while_their_chat_ends(self) -> None:
        tabs = [tab for tab in self.tabs if not tab.is_connected]
        self.expire(await self.idle())
        await self.connect_all(tabs)
        await asyncio.gather(*self.directory.live_sessions._ends.values())

    async def the_app_is_reloaded(self) -> None:
        self.registered = {name for name in CALLBACKS if self.dice.random() < 0.8}
        self.app = self.load()
        await self.directory.swap(self.app.callbacks, self.directory.config)

    async def the_process_ends(self) -> None:
        await self.settle()
        for session in self.directory.sessions:
            self.promise(session.thread_id, "on_chat_end")
        await self.app.shutdown(self.directory)
        for tab in self.tabs:
            tab.drop()

    # --- The model ---

    def some(self, *, is_connected: bool) -> list[ChatClient]:
        fitting = [tab for tab in self.tabs if tab.is_connected == is_connected]
        return self.dice.sample(fitting, min(len(fitting), self.dice.choice([1, 1, 2])))

    async def idle(self) -> list[Session]:
        """The sessions that an hour's silence ends."""
        await self.settle()
        kept = self.busy | {tab.thread_id for tab in self.tabs if tab.is_connected}
        return [session for session in self.directory.sessions if session.thread_id not in kept]

    def expire(self, idle: list[Session]) -> None:
        for session in self.directory.sessions:
            session.active_at -= 2 * HOUR
        for session in idle:
            self.promise(session.thread_id, "on_chat_end")
        self.directory.live_sessions._end_idle()
        assert {session.id for session in idle} == set(self.directory.live_sessions._ends)

    async def connect_all(self, tabs: list[ChatClient]) -> None:
        live = {session.thread_id for session in self.directory.sessions if not session.is_ending}
        outcomes = []
        for thread_id in {tab.thread_id for tab in tabs}:
            if thread_id not in live and self.can_resume(thread_id):
                self.promise(thread_id, "on_chat_resume")
        for tab in tabs:
            known = tab.thread_id in live or self.can_resume(tab.thread_id)
            if known:
                self.promise(tab.thread_id, "on_connect")
            outcomes.append(contextlib.nullcontext() if known else pytest.raises(CommandError, match="no such thread"))

        async def connect(tab: ChatClient, outcome: contextlib.AbstractContextManager[Any]) -> None:
            with outcome:
                await tab.connect()

        await asyncio.gather(*map(connect, tabs, outcomes))

    def can_resume(self, thread_id: str) -> bool:
        return self.is_remembered and thread_id in self.used

    async def settle(self) -> None:
        """Wait until everything that can come to its end has, and is stored."""
        async with asyncio.timeout(10):
            while not all(self.is_settled(session) for session in self.directory.sessions):
                await asyncio.sleep(0)

    def is_settled(self, session: Session) -> bool:
        going = [run for run in session.runs if run.callback != "on_message" or session.thread_id not in self.busy]
        return not going and session.recorder.is_saved


@pytest.mark.parametrize("layer", [convo.MemoryDataLayer, Forgetful])
async def test_whatever_tabs_do_each_callback_runs_exactly_as_often_as_promised(
    layer: type[convo.MemoryDataLayer], campaign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convo.recorder.GATHER_SECONDS", 0.0)
    dice = campaign.random
    for _ in range(campaign.of("sequences", 2_000, 60)):
        life = Life(dice, is_remembered=layer is not Forgetful)
        happenings = [
            life.a_chat_begins,
            life.a_second_tab_opens,
            life.a_tab_is_cut,
            life.a_tab_is_cut,
            life.a_tab_leaves,
            life.a_tab_is_cut_and_back_at_once,
            life.a_stranger_tries_to_join,
            life.somebody_speaks,
            life.somebody_speaks,
            life.answers_are_done,
            life.an_hour_passes,
            life.tabs_come_back,
            life.tabs_come_back,
            life.tabs_come_back_while_their_chat_ends,
            life.the_app_is_reloaded,
        ]
        life.directory = await life.app.startup(layer(max_threads=1000))
        story = []
        for happening in [life.a_chat_begins, *dice.choices(happenings, k=dice.randrange(5, 30))]:
            story.append(happening.__name__)
            await happening()
            if dice.random() < 0.7:
                await life.settle()
                assert life.ran == life.promised, story
        await life.the_process_ends()
        assert life.ran == life.promised, story
        assert not life.directory.sessions
        assert not life.directory.audience.connections


async def test_a_shutdown_lets_an_end_that_is_going_finish(caplog: pytest.LogCaptureFixture) -> None:
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


async def test_a_slow_end_keeps_no_other_chat_alive() -> None:
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


async def test_nobody_gets_more_connections_than_allowed_by_asking_for_all_at_once() -> None:
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
        assert chat.directory.audience.connections == {chat.principal.id: 3}
    assert not chat.directory.audience.connections
