"""Places of chat platforms: which thread one has, who its people are, and what they may do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import convo
import pandas
import plotly.graph_objects
import pytest
from convo import App
from convo.bridge import Author, Place, Platforms, PlatformSettings, place_of, thread_id_of
from convo.bridge.place import day_of
from convo.memory import MemoryDataLayer
from convo.principal import Principal
from convo.protocol import CommandError
from convo.testing.platform import MemoryBridge, MemoryPlatform
from convo.testing.process import Process
from convo.testing.process import until as wait_until


class Kept(MemoryDataLayer):
    is_durable = True


class Platform(MemoryPlatform):
    """One whose bridge has these settings."""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self._settings = settings

    def create_bridge(self) -> MemoryBridge:
        self.bridge = MemoryBridge(PlatformSettings.model_validate(self._settings), self)
        return self.bridge


@pytest.fixture
def app() -> App:
    app = App({"server": {"url": "https://chat.example.com/"}, "features": {"allow_thread_sharing": True}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "frame":
            frame = pandas.DataFrame({"name": ["Ann", 'B "o", b'], "age": [36, None], "tags": [["a"], []]})
            await convo.Message("Look:", elements=[convo.Dataframe("people", data=frame)]).send()
        elif message.content == "figure":
            figure = plotly.graph_objects.Figure(plotly.graph_objects.Bar(x=["a"], y=[7]))
            await convo.Message("Look:", elements=[convo.Plotly("sales", figure=figure)]).send()
        elif message.content == "table":
            element = convo.CustomElement(name="Chart")
            await convo.Message("Look:", elements=[element]).send()
        elif message.content == "tasks":
            tasks = convo.TaskList([convo.Task("Think"), convo.Task("Write")])
            await tasks.send()
            tasks.tasks[0].status = convo.TaskStatus.DONE
            await tasks.send()
            await convo.Message("Done.").send()
        else:
            await convo.Message(f"You said {message.content}.").send()

    return app


@pytest.fixture
async def serve(app: App) -> AsyncIterator[Callable[..., Any]]:
    processes: list[Process] = []

    async def serve(there: MemoryPlatform, data_layer: Any = None) -> Process:
        process = Process(app, there.create_bridge(), data_layer or Kept())
        await process.start()
        processes.append(process)
        return process

    yield serve
    for process in processes:
        await process.stop()


async def shown(there: MemoryPlatform, text: str, place: str = "general") -> None:
    await wait_until(lambda: any(text in one.text for one in there.shown(place)), lambda: there.shown(place))


async def quiet(process: Process) -> None:
    bridge = process.platforms.bridges["test"]
    sessions = process.directory.live_sessions
    await wait_until(lambda: bridge.is_quiet and all(one.recorder.is_saved for one in sessions), lambda: "not stored")


def test_the_id_of_a_thread_is_that_of_no_other_place() -> None:
    paths = [("T1", "C1", "1.2"), ("T1", "C1/1.2"), ("T1", "C1", "1", "2"), ('T1","C1', "1.2"), ("T1", "C1", "1.20")]
    places = [Place("slack", path) for path in paths] + [Place("discord", paths[0])]
    assert len({thread_id_of(place) for place in places}) == len(places)
    assert thread_id_of(places[0]) == thread_id_of(Place("slack", paths[0], is_direct=True, address={"a": 1}))


def test_a_day_begins_in_its_time_zone() -> None:
    late = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    assert day_of("UTC", late) == "2026-11-26"
    assert day_of("Europe/Berlin", late) == "2026-11-27"
    with pytest.raises(ValueError, match="no time zone"):
        PlatformSettings.model_validate({"time_zone": "Mars/Olympus"})


async def test_direct_messages_begin_a_new_thread_after_a_pause(serve: Any) -> None:
    there = Platform(direct="idle", idle_hours=1)
    layer = Kept()
    process = await serve(there, layer)
    await there.say("one", place="direct")
    await there.say("two", place="direct")
    await shown(there, "You said two.", "direct")
    await quiet(process)
    first = process.directory.sessions[0].thread_id
    assert len(process.directory.sessions) == 1

    await process.stop()
    again = await serve(there, layer)
    await there.say("three", place="direct")
    await shown(there, "You said three.", "direct")
    assert [one.thread_id for one in again.directory.sessions] == [first]

    await quiet(again)
    await asyncio.sleep(0.01)  # longer than the pause that follows
    there.bridge = Platform(direct="idle", idle_hours=1e-7).create_bridge()
    there.bridge.attach(again.directory)
    there.bridge._there = there
    await there.say("four", place="direct")
    await wait_until(lambda: len(again.directory.sessions) == 2, lambda: again.directory.sessions)


async def test_direct_messages_are_one_thread_a_day(serve: Any) -> None:
    there = Platform(direct="daily")
    process = await serve(there)
    await there.say("one", place="direct")
    await shown(there, "You said one.", "direct")
    assert process.directory.sessions[0].thread_id == thread_id_of(Place("test", ("here", "direct")), day_of("UTC"))


async def test_who_speaks_first_owns_the_thread_and_others_take_part(serve: Any) -> None:
    there = Platform()
    process = await serve(there)
    await there.say("one", by="ann")
    await there.say("two", by="bob")
    await shown(there, "You said two.")
    await quiet(process)
    directory, session = process.directory, process.directory.sessions[0]
    ann, bob = [await directory.data_layer.get_user(f"test:{name}") for name in ("ann", "bob")]
    assert session.owner_id == ann.id
    assert session.participants == {ann.id, bob.id}
    said = [step for step in session.state.walk(session.state.leaf) if step.type == "user_message"]
    assert [step.author for step in said] == ["Bob", "Ann"]

    page = await directory.history.list_threads(Principal(ann.id))
    assert [thread.id for thread in page.threads] == [session.thread_id]
    assert place_of(session.state.thread.metadata) == Place("test", ("here", "general"))
    for forbidden in (directory.history.delete, directory.sharing.list_shares):
        with pytest.raises(CommandError, match="not yours"):
            await forbidden(Principal(bob.id), session.thread_id)


async def test_a_user_may_be_his_e_mail(serve: Any, app: App) -> None:
    there = Platform(user_by="email")
    process = await serve(there)
    place = Place("test", ("here", "general"))
    bridge = process.platforms.bridges["test"]
    await bridge.say(place, Author("U1", "Ann", email="ann@example.com"), "e1", "hello")
    await shown(there, "You said hello.")
    assert (await process.directory.data_layer.get_user("ann@example.com")).display_name == "Ann"
    await bridge.say(place, Author("U2", "Mallory", email="ann@example.com"), "e2", "hello")
    await wait_until(lambda: there.whispered(), lambda: "nobody was told")
    assert "signs in another way already" in there.whispered()[0]


async def test_a_thread_that_its_owner_deletes_is_followed_by_another(serve: Any) -> None:
    there = Platform()
    process = await serve(there)
    await there.say("one")
    await shown(there, "You said one.")
    await quiet(process)
    first = process.directory.sessions[0]
    await process.directory.history.delete(Principal(first.owner_id), first.thread_id)
    await there.say("two")
    await shown(there, "You said two.")
    assert [one.thread_id for one in process.directory.sessions if not one.is_ending] != [first.thread_id]


async def test_what_only_the_web_app_shows_is_a_link_and_the_log_says_so_once(
    serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    there = Platform()
    process = await serve(there)
    with caplog.at_level(logging.WARNING, "convo.bridge"):
        await there.say("table")
        await there.say("table")
        await wait_until(lambda: len(there.shown()) == 4, there.shown)
    thread_id = process.directory.sessions[0].thread_id
    assert there.shown()[1].text == f"**Chart**: [open in the web app](https://chat.example.com/thread/{thread_id})"
    assert [record.getMessage() for record in caplog.records] == [
        "test shows `CustomElement` as a link to the web app; docs/platforms.md has the table"
    ]


async def test_a_task_list_is_one_message_that_changes(serve: Any) -> None:
    there = Platform()
    await serve(there)
    await there.say("tasks")
    await shown(there, "Done.")
    await shown(there, "[done] Think\n[ready] Write")
    assert sum("Think" in one.text for one in there.shown()) == 1


async def test_a_bridge_that_fails_is_started_again_and_one_that_is_refused_is_not(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(MemoryBridge):
        errors: list[Exception]

        async def run(self) -> None:
            raise self.errors.pop(0)

    from convo.errors import PlatformDeniedError

    there = MemoryPlatform()
    bridge = Failing(PlatformSettings.model_validate({}), there)
    bridge.errors = [OSError("no network"), PlatformDeniedError("The token is wrong. Make a new one.")]
    directory = await app.startup(Kept())
    platforms = Platforms({"test": bridge})
    assert platforms.states["test"].status == "starting"
    platforms.start(directory)
    await wait_until(lambda: platforms.states["test"].status == "retrying", lambda: platforms.states)
    assert platforms.states["test"].text == "OSError: no network"
    await wait_until(lambda: platforms.states["test"].status == "denied", lambda: platforms.states)
    assert "test is off until that is mended: The token is wrong. Make a new one." in caplog.text
    await platforms.stop(1)
    await app.shutdown(directory)
    assert platforms.states["test"].status == "stopped"


async def test_a_button_of_a_thread_that_is_not_there_any_more_begins_none(serve: Any) -> None:
    there = Platform()
    process = await serve(there)
    bridge = process.platforms.bridges["test"]
    await bridge.press(Place("test", ("here", "old")), Author("ann", "Ann"), "e1", "act:gone")
    assert there.whispered("old") == ["That chat has ended and was not stored."]
    assert process.directory.sessions == []


async def test_a_table_is_a_file_that_others_can_open(serve: Any) -> None:
    there = Platform()
    await serve(there)
    await there.say("frame")
    await wait_until(lambda: any(one.files for one in there.shown()), there.shown)
    [files] = [one.files for one in there.shown() if one.files]
    assert list(files) == ["people.csv"]
    assert files["people.csv"].decode().splitlines() == [
        "name,age,tags",
        'Ann,36.0,"[""a""]"',
        '"B ""o"", b",,[]',
    ]


def test_a_platform_that_is_asked_for_and_not_installed_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("convo.config.environment.is_installed", lambda group, name: False)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    assert Platforms.of(convo.Config()).bridges == {}
    assert (
        '`SLACK_BOT_TOKEN` is set; No platform "slack" is installed; install it with: pip install convo-slack'
        in caplog.text
    )


async def test_a_figure_is_a_page_in_a_file_and_a_link(serve: Any) -> None:
    there = Platform()
    await serve(there)
    await there.say("figure")
    await shown(there, "**sales**: [open in the web app]")
    [files] = [one.files for one in there.shown() if one.files]
    assert list(files) == ["sales.html"]
    assert b"<html>" in files["sales.html"]
    assert b'"y":[7]' in files["sales.html"]


async def test_a_package_that_loses_a_cancellation_does_not_keep_the_server_from_its_end(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `asyncio.wait_for` of Python 3.11 does, when what it waits for fails in that moment."""
    monkeypatch.setattr("convo.bridge.platforms._CANCEL_SECONDS", 0.05)
    lost: list[BaseException] = []

    class Losing(MemoryBridge):
        async def run(self) -> None:
            self.connected()
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError as error:
                    if lost:
                        raise
                    lost.append(error)

    class There(Platform):
        def create_bridge(self) -> MemoryBridge:
            self.bridge = Losing(PlatformSettings(), self)
            return self.bridge

    there = There()
    process = await serve(there)
    await there.say("hello")
    await shown(there, "You said hello.")

    async with asyncio.timeout(5):
        await process.stop()

    assert len(lost) == 1
