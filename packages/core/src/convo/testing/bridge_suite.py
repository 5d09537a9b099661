"""`BridgeSuite`: what every bridge to a chat platform promises, as tests to inherit:

```python
class TestMyBridge(BridgeSuite):
    @pytest_asyncio.fixture
    async def driver(self):
        async with FakePlatform() as fake:  # a `PlatformDriver`
            yield fake
```
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from convo.action import Action
from convo.app import App
from convo.ask import AskActionMessage, AskFileMessage, AskUserMessage
from convo.chat_context import chat_context
from convo.element import File
from convo.memory import MemoryDataLayer
from convo.message import Message
from convo.principal import Principal
from convo.protocol import PROTOCOL_VERSION, Connect, SendMessage
from convo.ratings import Feedback
from convo.step import Step
from convo.testing.platform import PlatformDriver, Shown
from convo.testing.process import PATIENCE, Process, until
from convo.user_session import user_session

__all__ = ["BridgeSuite"]


class BridgeSuite:
    """Inherit from it, and give it a `driver`."""

    @pytest.fixture
    def app(self) -> App:
        """An app that does all that is tested. What it answers depends on the first word."""
        return _app()

    @pytest.fixture
    def data_layer(self) -> MemoryDataLayer:
        return _Kept()

    @pytest_asyncio.fixture
    async def process(self, app: App, driver: PlatformDriver, data_layer: Any) -> AsyncIterator[Process]:
        process = Process(app, driver.create_bridge(), data_layer)
        await process.start()
        yield process
        await process.stop()

    @pytest.fixture
    def sees(self, driver: PlatformDriver) -> Callable[..., Any]:
        """Waits until a message of the app has this text, and returns it."""

        async def sees(text: str, place: str = "general") -> Shown:
            def found() -> Shown | None:
                return next((one for one in reversed(driver.shown(place)) if text in one.text), None)

            return await until(found, lambda: f"`{text}` in {[one.text for one in driver.shown(place)]}")  # type: ignore[no-any-return]

        return sees

    # --- Conversation ---

    async def test_what_is_said_is_answered_and_the_session_goes_on(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        await driver.say("count")
        await sees("This is number 1.")
        await driver.say("count")
        await sees("This is number 2.")
        await driver.say("count", place="direct")
        await sees("This is number 1.", "direct")
        assert [one.text for one in driver.shown()] == ["This is number 1.", "This is number 2."]

    async def test_all_who_talk_in_a_place_take_part_under_their_names(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        await driver.say("who", by="ann")
        ann = await sees("You are ")
        await driver.say("who", by="bob")
        await until(lambda: len(driver.shown()) == 2, lambda: driver.shown())
        bob = driver.shown()[1]
        assert bob.text.startswith("You are ")
        assert ann.text != bob.text
        assert len(process.directory.sessions) == 1

    async def test_what_comes_three_times_is_answered_once(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        event_id = await driver.say("count")
        await sees("This is number 1.")
        await driver.say("count", event_id=event_id)
        await driver.say("count", event_id=event_id)
        await driver.say("count")
        await sees("This is number 2.")
        assert len(driver.shown()) == 2

    async def test_a_failure_is_shown_with_its_id_and_the_next_message_is_answered(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        await driver.say("fail")
        await sees("Something went wrong in the app.")
        await driver.say("count")
        await sees("This is number 1.")

    async def test_what_is_said_elsewhere_and_what_the_app_says_by_itself_comes_too(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        await driver.say("count")
        await sees("This is number 1.")
        session = process.directory.sessions[0]
        async with process.app.thread(session.thread_id):
            await Message("The report is ready.").send()
        await sees("The report is ready.")

        connect = Connect(protocol=PROTOCOL_VERSION, client="web", thread=session.thread_id)
        owner = Principal(session.owner_id)
        connection = await process.directory.connect(owner, connect)
        connection.dispatch({"id": "web-1", "kind": SendMessage.__struct_config__.tag, "content": "count from the web"})
        await sees("count from the web")
        await sees("This is number 2.")
        connection.close()

    # --- Streaming ---

    async def test_500_deltas_are_one_message_that_changes_slowly_and_ends_exactly(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        bridge = next(iter(process.platforms.bridges.values()))
        await driver.say("stream 500")
        expected = "".join(f"{number} " for number in range(500)).strip()
        await until(lambda: "499" in "".join(one.text for one in driver.shown()), driver.shown)
        await self._is_quiet(process)
        shown = driver.shown()
        joined = " ".join(one.text.strip() for one in shown)
        assert joined.split() == expected.split()
        for one in shown:
            gaps = [after - before for before, after in zip(one.changed_at, one.changed_at[1:], strict=False)]
            assert all(gap >= bridge.edit_seconds * 0.8 for gap in gaps), gaps
            assert "Stop" not in one.buttons

    async def test_a_long_answer_comes_in_pieces_and_code_stays_whole(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        bridge = next(iter(process.platforms.bridges.values()))
        count = bridge.text_limit // 4
        await driver.say(f"long {count}")
        await sees("The end.")
        await self._is_quiet(process)
        texts = [one.text for one in driver.shown()]
        assert len(texts) > 1
        words = [word for text in texts for word in text.split() if word.startswith("word")]
        assert words == [f"word{number}" for number in range(count)]
        assert all(text.count("```") % 2 == 0 for text in texts)

    async def test_what_is_removed_is_gone(self, process: Process, driver: PlatformDriver, sees: Any) -> None:
        await driver.say("remove")
        await sees("It is done.")
        await until(lambda: all("Wait" not in one.text for one in driver.shown()), driver.shown)

    # --- Stop ---

    @pytest.mark.parametrize("how", ["button", "word"])
    async def test_the_app_can_be_stopped(self, process: Process, driver: PlatformDriver, sees: Any, how: str) -> None:
        await driver.say("forever")
        await until(lambda: any("Stop" in one.buttons for one in driver.shown()), driver.shown)
        if how == "button":
            await driver.press("Stop")
        else:
            await driver.say("stop")
        await sees("Stopped.")
        await driver.say("count")
        await sees("This is number 1.")

    # --- Asks and actions ---

    async def test_the_next_message_answers_a_question(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        await driver.say("ask")
        await sees("What is your name?")
        await driver.say("Ann of Cleves")
        await sees("Hello Ann of Cleves.")

    async def test_a_button_answers_a_question_once(self, process: Process, driver: PlatformDriver, sees: Any) -> None:
        await driver.say("choose")
        await until(lambda: any("Green" in one.buttons for one in driver.shown()), driver.shown)
        await driver.press("Green")
        await sees("You chose Green.")
        await until(lambda: all("Green" not in one.buttons for one in driver.shown()), driver.shown)

    async def test_a_file_answers_a_question(self, process: Process, driver: PlatformDriver, sees: Any) -> None:
        await driver.say("upload")
        await sees("Send me a text.")
        await driver.say("", files={"notes.txt": b"some notes"})
        await sees("notes.txt has 10 bytes.")

    async def test_a_button_runs_an_action(self, process: Process, driver: PlatformDriver, sees: Any) -> None:
        await driver.say("offer")
        await until(lambda: any("Do it" in one.buttons for one in driver.shown()), driver.shown)
        await driver.press("Do it")
        await sees("Done with 42.")

    async def test_an_answer_can_be_rated(self, process: Process, driver: PlatformDriver, sees: Any) -> None:
        await driver.say("count")
        await sees("This is number 1.")
        await until(lambda: any("👍" in one.buttons for one in driver.shown()), driver.shown)
        await driver.press("👍")
        await sees("Thank you for 1.")
        if driver.shows_ratings:
            await until(lambda: any("👍 ✓" in one.buttons for one in driver.shown()), driver.shown)

    # --- Files ---

    async def test_files_go_both_ways(self, process: Process, driver: PlatformDriver, sees: Any) -> None:
        await driver.say("echo", files={"picture.txt": b"not a picture"})
        await until(lambda: any("copy.txt" in one.files for one in driver.shown()), driver.shown)
        shown = next(one for one in driver.shown() if "copy.txt" in one.files)
        assert shown.files["copy.txt"] == b"NOT A PICTURE"

    # --- Edits ---

    async def test_what_somebody_changed_is_answered_anew(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        if not driver.has_edits:
            return
        event_id = await driver.say("repeat one")
        await sees("You said one.")
        await driver.revise(event_id, "repeat two")
        await sees("You said two.")

    # --- Faults ---

    @pytest.mark.parametrize("fault", ["rate-limited", "down"])
    async def test_what_the_platform_does_not_take_now_it_takes_later_and_once(
        self, process: Process, driver: PlatformDriver, sees: Any, fault: Any
    ) -> None:
        driver.fail(fault, times=2)
        await driver.say("count")
        await sees("This is number 1.")
        await driver.say("count")
        await sees("This is number 2.")
        assert len(driver.shown()) == 2

    async def test_what_may_have_come_through_is_not_posted_twice(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        if not driver.can_find:
            return
        driver.fail("unsure")
        await driver.say("count")
        await driver.say("count")
        await sees("This is number 2.")
        await self._is_quiet(process)
        assert [one.text for one in driver.shown()] == ["This is number 1.", "This is number 2."]

    async def test_a_place_that_is_gone_ends_nothing_else(
        self, process: Process, driver: PlatformDriver, sees: Any
    ) -> None:
        driver.fail("gone")
        await driver.say("count", place="general")
        await until(lambda: not driver.shown("general"), driver.shown)
        await driver.say("count", place="direct")
        await sees("This is number 1.", "direct")

    async def test_a_token_that_was_revoked_is_said(
        self, process: Process, driver: PlatformDriver, caplog: pytest.LogCaptureFixture
    ) -> None:
        name = next(iter(process.platforms.bridges))
        driver.fail("denied", times=3)
        await driver.say("count")
        await until(lambda: process.platforms.states[name].status == "denied", lambda: process.platforms.states)
        assert "is off until that is mended" in caplog.text

    # --- Restart ---

    async def test_after_a_restart_the_conversation_goes_on_and_nothing_is_posted_twice(
        self, process: Process, app: App, driver: PlatformDriver, data_layer: Any, sees: Any
    ) -> None:
        event_id = await driver.say("count")
        await sees("This is number 1.")
        await driver.say("offer")
        await until(lambda: any("Do it" in one.buttons for one in driver.shown()), driver.shown)
        await self._is_quiet(process)
        await process.stop()

        again = Process(_app(), driver.create_bridge(), data_layer)
        await again.start()
        try:
            before = [one.text for one in driver.shown()]
            await driver.say("count", event_id=event_id)
            await driver.press("Do it")
            await sees("Done with 42.")
            await driver.say("history")
            await sees("count|This is number 1.|offer|Here you are.|Done with 42.|history")
            assert [one.text for one in driver.shown()][: len(before)] == before
            assert len(driver.shown()) == len(before) + 2
        finally:
            await again.stop()

    async def test_an_answer_that_was_cut_off_says_so_and_its_question_is_closed(
        self, process: Process, driver: PlatformDriver, data_layer: Any, sees: Any
    ) -> None:
        await driver.say("choose")
        await until(lambda: any("Green" in one.buttons for one in driver.shown()), driver.shown)
        await self._is_quiet(process)
        await process.stop()
        again = Process(_app(), driver.create_bridge(), data_layer)
        await again.start()
        try:
            with contextlib.suppress(LookupError):  # its button may be gone with the stop
                await driver.press("Green")
            await driver.say("count")
            await sees("This is number 1.")
            await until(lambda: all("Green" not in one.buttons for one in driver.shown()), driver.shown)
            assert any("closed" in one.text or "Stopped" in one.text for one in driver.shown())
        finally:
            await again.stop()

    async def _is_quiet(self, process: Process) -> None:
        """All that was said is answered, shown and stored."""
        bridge = next(iter(process.platforms.bridges.values()))

        def is_quiet() -> bool:
            sessions = process.directory.sessions
            return bridge.is_quiet and all(session.recorder.is_saved for session in sessions)

        await until(is_quiet, lambda: "something is left to show")


class _Kept(MemoryDataLayer):
    """One that outlives the process, as far as the tests go."""

    is_durable = True


def _app() -> App:
    app = App()

    @app.on_message
    async def answer(message: Message) -> None:
        word, _, rest = message.content.partition(" ")
        await _ANSWERS[word or "echo"](message, rest)

    @app.action_callback("do")
    async def do(action: Action) -> None:
        await Message(f"Done with {action.payload['value']}.").send()

    @app.on_feedback
    async def thank(feedback: Feedback) -> None:
        await Message(f"Thank you for {feedback.value}.").send()

    return app


async def _count(message: Message, rest: str) -> None:
    user_session.set("count", (user_session.get("count") or 0) + 1)
    await Message(f"This is number {user_session.get('count')}.").send()


async def _who(message: Message, rest: str) -> None:
    await Message(f"You are {message.author}.").send()


async def _fail(message: Message, rest: str) -> None:
    raise ValueError("no")


async def _stream(message: Message, rest: str) -> None:
    reply = Message("")
    for number in range(int(rest)):
        await reply.stream_token(f"{number} ")
        await asyncio.sleep(0.002)
    await reply.update()


async def _forever(message: Message, rest: str) -> None:
    reply = Message("")
    while True:
        await reply.stream_token("again ")
        await asyncio.sleep(0.05)


async def _long(message: Message, rest: str) -> None:
    words = " ".join(f"word{number}" for number in range(int(rest)))
    code = "\n".join(f"line_{number} = {number}" for number in range(20))
    await Message(f"{words}\n\n```python\n{code}\n```\n\nThe end.").send()


async def _remove(message: Message, rest: str) -> None:
    waiting = Message("Wait")
    await waiting.send()
    await Message("It is done.").send()
    await waiting.remove()


async def _ask(message: Message, rest: str) -> None:
    answer = await AskUserMessage("What is your name?", timeout=PATIENCE).send()
    await Message(f"Hello {answer['output'] if answer else 'nobody'}.").send()


async def _choose(message: Message, rest: str) -> None:
    actions = [Action(name=name, label=name.title(), payload={"value": name}) for name in ("red", "green")]
    chosen = await AskActionMessage("Which colour?", actions, timeout=PATIENCE).send()
    await Message(f"You chose {chosen['label'] if chosen else 'none'}.").send()


async def _upload(message: Message, rest: str) -> None:
    files = await AskFileMessage("Send me a text.", accept=["text/plain"], timeout=PATIENCE).send()
    for file in files or []:
        await Message(f"{file.name} has {file.size} bytes.").send()


async def _offer(message: Message, rest: str) -> None:
    action = Action(name="do", label="Do it", payload={"value": 42})
    await Message("Here you are.", actions=[action]).send()


async def _echo(message: Message, rest: str) -> None:
    for element in message.elements:
        assert element.path is not None
        with open(element.path, "rb") as file:  # noqa: ASYNC230 - a few bytes
            content = file.read()
        await Message("A copy:", elements=[File(name="copy.txt", content=content.upper())]).send()


async def _repeat(message: Message, rest: str) -> None:
    async with Step("thinking"):
        await Message(f"You said {rest}.").send()


async def _history(message: Message, rest: str) -> None:
    await Message("|".join(one.content for one in chat_context.get())).send()


_ANSWERS: dict[str, Callable[[Message, str], Any]] = {
    "ask": _ask,
    "choose": _choose,
    "count": _count,
    "echo": _echo,
    "fail": _fail,
    "forever": _forever,
    "history": _history,
    "long": _long,
    "offer": _offer,
    "remove": _remove,
    "repeat": _repeat,
    "stream": _stream,
    "upload": _upload,
    "who": _who,
}
