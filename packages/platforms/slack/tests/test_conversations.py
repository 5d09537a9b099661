"""An app in Slack, as people there meet it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import convo
import pytest
from convo import App
from convo.testing.process import until

from tests.platforms.fakes.slack import BOT, FakeSlack

pytestmark = pytest.mark.timeout(120)

Run = Callable[..., Any]
NAMED = f"<@{BOT}> "


async def answers(slack: FakeSlack, count: int, channel: str = "C0GEN") -> list[Any]:
    """The messages of the app, once there are so many."""
    await until(lambda: len(slack.in_channel(channel)) >= count)
    return slack.in_channel(channel)


# --- Where it answers ---


async def test_a_mention_is_answered_once_in_a_thread_below_it(slack: FakeSlack, run: Run, echo: App) -> None:
    await run(echo)

    ts = await slack.say(f"{NAMED}hello", channel="C0GEN")
    await slack.sees("You said: hello", "C0GEN")
    await slack.say(f"{NAMED}again", channel="C0GEN", thread_ts=ts)
    await slack.sees("You said: again", "C0GEN")

    first, second = slack.in_channel("C0GEN")
    assert (first.thread_ts, second.thread_ts) == (ts, ts)


async def test_each_thread_is_a_thread_and_direct_messages_are_one(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def count(message: convo.Message) -> None:
        number = (convo.user_session.get("number") or 0) + 1
        convo.user_session.set("number", number)
        await convo.Message(f"{message.content} {number}").send()

    running = await run(app)
    for text in ("one", "two"):
        await slack.say(f"{NAMED}{text}", channel="C0GEN")
        await slack.sees(f"{text} 1", "C0GEN")
    await slack.say("three")
    await slack.sees("three 1")
    await slack.say("four")
    four = await slack.sees("four 2")
    await slack.say("five", user="U0BOB", channel="D0BOB")
    await slack.sees("five 1", "D0BOB")

    assert four.thread_ts is None
    assert len(running.directory.sessions) == 4


async def test_what_does_not_name_the_app_is_left_alone_in_channels(slack: FakeSlack, run: Run, echo: App) -> None:
    await run(echo)
    ts = await slack.say(f"{NAMED}hello", channel="C0GEN")
    await slack.sees("You said: hello", "C0GEN")

    await slack.say("nice weather", channel="C0GEN")
    await slack.say("indeed", user="U0BOB", channel="C0GEN", thread_ts=ts)
    await slack.say(f"{NAMED}done", channel="C0GEN", thread_ts=ts)
    await slack.sees("You said: done", "C0GEN")

    assert len(slack.posted) == 2


async def test_all_of_a_thread_is_answered_where_a_setting_says_so(slack: FakeSlack, run: Run, echo: App) -> None:
    await run(echo, thread_replies="all")
    ts = await slack.say(f"{NAMED}hello", channel="C0GEN")
    await slack.sees("You said: hello", "C0GEN")
    other = await slack.say("nice weather", channel="C0GEN")
    await slack.say("very", channel="C0GEN", thread_ts=other)

    await slack.say("more", channel="C0GEN", thread_ts=ts)
    await slack.sees("You said: more", "C0GEN")

    assert len(slack.posted) == 2


@pytest.fixture
def asking() -> App:
    app = App()

    @app.on_message
    async def ask(message: convo.Message) -> None:
        answer = await convo.AskUserMessage("What is your name?", timeout=100).send()
        await convo.Message(f"Hello {answer['output'] if answer else 'nobody'}.").send()

    return app


async def test_who_is_asked_answers_without_naming_the_app(slack: FakeSlack, run: Run, asking: App) -> None:
    await run(asking)
    ts = await slack.say(f"{NAMED}hello", channel="C0GEN")
    await slack.sees("What is your name?", "C0GEN")

    await slack.say("I am Bob", user="U0BOB", channel="C0GEN", thread_ts=ts)
    await slack.say("Ann", channel="C0GEN", thread_ts=ts)

    await slack.sees("Hello Ann.", "C0GEN")


async def test_a_question_is_answered_in_a_form_too(slack: FakeSlack, run: Run, asking: App) -> None:
    await run(asking)
    await slack.say(f"{NAMED}hello", channel="C0GEN")
    question = await slack.sees("What is your name?", "C0GEN")

    await slack.press(question, "Reply")
    form = await until(lambda: slack.views and slack.views[-1])
    assert form["blocks"][0]["label"]["text"] == "What is your name?"
    await slack.submit(form, "Ann of Cleves")

    await slack.sees("Hello Ann of Cleves.", "C0GEN")


async def test_a_bare_mention_greets_and_one_that_was_added_later_counts(slack: FakeSlack, run: Run, echo: App) -> None:
    @echo.on_chat_start
    async def greet() -> None:
        await convo.Message("What can I do?").send()

    await run(echo)
    ts = await slack.say(NAMED, channel="C0GEN")
    greeting = await slack.sees("What can I do?", "C0GEN")
    later = await slack.say("hello", channel="C0GEN")
    await slack.change("C0GEN", later, f"{NAMED}hello")
    answer = await slack.sees("You said: hello", "C0GEN")

    assert (greeting.thread_ts, answer.thread_ts) == (ts, later)
    assert slack.ephemerals == []


# --- Who talks ---


async def test_people_are_known_by_their_profile_and_mentions_by_their_names(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def tell(message: convo.Message) -> None:
        user = convo.user_session.get("user")
        assert user is not None
        event = convo.user_session.get("slack_event")
        assert event is not None
        said = [message.author, message.content, user.identifier, user.metadata["time_zone"], event["channel"]]
        await convo.Message(" / ".join(said)).send()

    await run(app)
    await slack.say("ask <@U0BOB>")

    await slack.sees("ann / ask @bob / slack:T0001:U0ANN / Europe/Berlin / D0ANN")
    assert len(slack.called("users.info")) == 2


async def test_the_e_mail_of_a_stranger_names_nobody_here(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def tell(message: convo.Message) -> None:
        user = convo.user_session.get("user")
        assert user is not None
        await convo.Message(f"You are {user.identifier}.").send()

    slack.users["U0BOB"] |= {"team_id": "T9999", "is_stranger": True}
    await run(app, user_by="email")
    await slack.say("who?")
    await slack.sees("You are ann@example.com.")
    await slack.say("who?", user="U0BOB", channel="D0BOB")
    await slack.sees("You are slack:T0001:U0BOB.", "D0BOB")


async def test_a_callback_reads_what_was_said_before(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def read(message: convo.Message) -> None:
        fetch: Any = convo.user_session.get("fetch_slack_message_history")
        before = await fetch(limit=10)
        await convo.Message("|".join(one["text"] for one in before)).send()

    await run(app)
    await slack.say("first", channel="C0GEN")
    ts = await slack.say("second", channel="C0GEN")
    await slack.say(f"{NAMED}what?", channel="C0GEN", thread_ts=ts)

    shown = await slack.sees("second|", "C0GEN")
    assert "first" not in shown.shown


async def test_bots_and_workflows_are_answered_only_where_a_setting_says_so(
    slack: FakeSlack, run: Run, echo: App
) -> None:
    running = await run(echo)
    bot = {"subtype": "bot_message", "bot_id": "B0OTHER", "username": "Pager <b>", "user": None}
    await slack.say("disk full", **bot)
    await slack.say("of our own", user=BOT, bot_id="B0BOT")
    await slack.say("a person")
    await slack.sees("You said: a person")
    assert len(slack.posted) == 1
    await running.stop()

    await run(echo, answer_bots=True)
    await slack.say("disk full", **bot)
    await slack.say("of our own", user=BOT, bot_id="B0BOT")
    await slack.sees("You said: disk full")
    await slack.say("another person")
    await slack.sees("You said: another person")

    assert len(slack.posted) == 3


async def test_what_somebody_else_says_under_a_name_with_markup_is_shown_as_it_is(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("<!channel> *hi* <@U0BOB>", author="<!here> *Boss*").send()

    await run(app)
    slack.add_user("U0ANN", "<!everyone> _Ann_")
    await slack.say("hello")

    shown = await slack.sees("Boss")
    assert shown.blocks[0]["elements"][0] == {"type": "plain_text", "text": "<!here> *Boss*", "emoji": True}
    assert slack.pings == []


# --- Streams ---


@pytest.fixture
def talking() -> App:
    app = App()

    @app.on_message
    async def talk(message: convo.Message) -> None:
        reply = convo.Message("")
        for number in range(int(message.content)):
            await reply.stream_token(f"{number} ")
            await asyncio.sleep(0.004)
        await reply.update()

    return app


def numbers(count: int) -> str:
    return " ".join(str(number) for number in range(count))


async def test_an_answer_in_a_thread_is_a_stream_of_slacks(slack: FakeSlack, run: Run, talking: App) -> None:
    await run(talking)
    await slack.say(f"{NAMED}500", channel="C0GEN")

    message = await slack.sees("499", "C0GEN")

    assert message.text.strip() == numbers(500)
    (start,) = slack.called("chat.startStream")
    assert (start["recipient_user_id"], start["recipient_team_id"]) == ("U0ANN", "T0001")
    assert len(slack.called("chat.stopStream")) == 1
    assert slack.called("chat.update") == []
    assert [one["text"]["text"] for one in message.buttons] == ["👍", "👎"]
    assert len(slack.posted) == 1


async def test_an_answer_outside_of_threads_is_edited(slack: FakeSlack, run: Run, talking: App) -> None:
    running = await run(talking)
    began = time.monotonic()
    await slack.say("500")

    await slack.sees("499")

    assert slack.called("chat.startStream") == []
    edits, seconds = len(slack.called("chat.update")), time.monotonic() - began
    assert 1 <= edits <= seconds / running.bridge.edit_seconds + 3
    assert len(slack.posted) == 1


async def test_where_slack_takes_no_streams_answers_are_edited(slack: FakeSlack, run: Run, talking: App) -> None:
    slack.can_stream = False
    await run(talking)
    for count in (300, 301):
        await slack.say(f"{NAMED}{count}", channel="C0GEN")
        await slack.sees(numbers(count), "C0GEN")

    assert len(slack.called("chat.startStream")) == 1


async def test_a_stream_that_slack_ends_goes_on_as_an_edited_message(slack: FakeSlack, run: Run, talking: App) -> None:
    await run(talking)
    await slack.say(f"{NAMED}700", channel="C0GEN")
    message = await until(lambda: next((one for one in slack.posted if one.is_streaming), None))
    message.is_streaming = False

    await slack.sees("699", "C0GEN")

    assert message.shown.partition("\n")[0].strip() == numbers(700)
    assert len(slack.posted) == 1


@pytest.mark.parametrize("fault", [{"drops": True, "is_done": True}, {"drops": True}, {"status": 500}])
async def test_a_stream_that_breaks_ends_exactly(slack: FakeSlack, run: Run, talking: App, fault: Any) -> None:
    await run(talking)
    slack.fail("chat.appendStream", **fault)
    await slack.say(f"{NAMED}700", channel="C0GEN")

    message = await slack.sees("699", "C0GEN")

    assert message.blocks[0]["text"].strip() == numbers(700)
    assert len(slack.posted) == 1


async def test_a_mention_that_comes_in_pieces_pings_nobody(slack: FakeSlack, run: Run) -> None:
    app = App()
    go_on = asyncio.Event()

    @app.on_message
    async def talk(message: convo.Message) -> None:
        reply = convo.Message("")
        await reply.stream_token("Now: <!chan")
        await go_on.wait()
        await reply.stream_token("nel> and <@U0")
        await reply.stream_token("BOB>.")
        await reply.update()

    await run(app)
    await slack.say(f"{NAMED}go", channel="C0GEN")
    await until(lambda: any(one.is_streaming for one in slack.posted))
    go_on.set()

    message = await slack.sees("BOB>.", "C0GEN")
    assert message.text == "Now: <\u2060!channel> and <\u2060@U0BOB>."
    assert slack.pings == []


# --- The assistant ---


async def test_a_thread_with_the_assistant_has_prompts_a_greeting_a_status_and_a_title(
    slack: FakeSlack, run: Run
) -> None:
    app = App()
    go_on = asyncio.Event()

    @app.set_starters
    async def starters(user: Any) -> list[convo.Starter]:
        return [convo.Starter(f"Begin {number}", f"Let us begin {number}") for number in range(6)]

    @app.on_chat_start
    async def greet() -> None:
        await convo.Message("What can I do for you?").send()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step("search <!here>"):
            await go_on.wait()
        await convo.Message("Here it is.").send()

    await run(app)
    ts = await slack.open_assistant()
    greeting = await slack.sees("What can I do for you?")
    assert greeting.thread_ts == ts
    assert [one["title"] for one in slack.prompts[ts]] == ["Begin 0", "Begin 1", "Begin 2", "Begin 3"]

    await slack.say("Find   the report", thread_ts=ts)
    await until(lambda: ("D0ANN", ts, "works on search <\u2060!here>…") in slack.statuses)
    go_on.set()
    await slack.sees("Here it is.")

    await until(lambda: slack.statuses[-1] == ("D0ANN", ts, ""))
    assert slack.titles[ts] == "Find the report"


# --- Commands and shortcuts ---


@pytest.fixture
def commanded() -> App:
    app = App()

    @app.on_chat_start
    async def offer() -> None:
        await convo.context.emitter.set_commands([{"id": "Web Search", "description": "Looks", "icon": "globe"}])

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(f"{message.command}: {message.content}").send()

    return app


async def test_a_slash_command_runs_a_command_in_a_thread_of_its_own(
    slack: FakeSlack, run: Run, commanded: App
) -> None:
    await run(commanded)

    await slack.command("/web-search", "cats &amp; dogs of <@U0BOB|bob>")
    answer = await slack.sees("Web Search: cats & dogs of @bob", "C0GEN")
    await slack.command("/convo", "hello")
    await slack.sees("None: hello", "C0GEN")

    first = slack.in_channel("C0GEN")[0]
    assert answer.thread_ts == first.ts
    assert first.shown == "ann: /web-search cats &amp; dogs of <@U0BOB|bob>"
    assert slack.pings == []


async def test_a_slash_command_where_the_app_is_not_says_so_to_who_gave_it(
    slack: FakeSlack, run: Run, commanded: App
) -> None:
    slack.add_channel("C0OUT", "elsewhere", members={"U0ANN"})
    await run(commanded)

    await slack.command("/convo", "hello", channel="C0OUT")

    (told,) = await until(lambda: slack.responses)
    assert told == {"response_type": "ephemeral", "text": "Invite me to this channel first, or write to me directly."}


async def test_a_shortcut_of_a_message_says_it_and_one_of_none_asks_for_it(
    slack: FakeSlack, run: Run, commanded: App
) -> None:
    await run(commanded)
    ts = await slack.say("The printer is on fire", user="U0BOB", channel="C0GEN")

    await slack.shortcut("web_search", slack.messages["C0GEN", ts])
    answer = await slack.sees("Web Search: The printer is on fire", "C0GEN")
    await slack.shortcut("web_search")
    form = await until(lambda: slack.views and slack.views[-1])
    await slack.submit(form, "cats")
    await slack.sees("Web Search: cats")

    assert answer.thread_ts == ts


# --- Reactions, the home page ---


async def test_a_reaction_calls_back_and_a_message_is_marked_as_received(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("Hello.").send()

    @app.on_slack_reaction_added
    async def react(event: dict[str, Any]) -> None:
        await convo.Message(f"Thank you for {event['reaction']}.").send()

    await run(app, reaction_on_message_received=True)
    ts = await slack.say(f"{NAMED}hi", channel="C0GEN")
    hello = await slack.sees("Hello.", "C0GEN")
    await slack.react(hello, "tada")
    thanks = await slack.sees("Thank you for tada.", "C0GEN")

    assert thanks.thread_ts == ts
    assert slack.messages["C0GEN", ts].reactions == [("eyes", BOT)]


async def test_the_home_page_shows_starters_that_begin_a_chat(slack: FakeSlack, run: Run, echo: App) -> None:
    @echo.set_starters
    async def starters(user: Any) -> list[convo.Starter]:
        return [convo.Starter("Morning", "What is new today?")]

    await run(echo)
    await slack.open_home()
    view = await until(lambda: slack.homes.get("U0ANN"))
    button = view["blocks"][-1]["elements"][0]
    action = {"type": "button", "action_id": button["action_id"], "value": button["value"], "action_ts": slack.now()}
    payload = slack.interaction("block_actions", "U0ANN") | {"container": {"type": "view"}, "actions": [action]}
    await slack.send_interaction(payload)

    await slack.sees("ann: What is new today?")
    await slack.sees("You said: What is new today?")


# --- What is shown ---


async def test_tasks_files_and_what_only_the_web_shows(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def show(message: convo.Message) -> None:
        tasks = convo.TaskList()
        task = convo.Task("Read", status=convo.TaskStatus.RUNNING)
        await tasks.add_task(task)
        await tasks.send()
        task.status = convo.TaskStatus.DONE
        await tasks.update()
        cat = convo.File(name="cat.txt", content=b"miaow")
        remote = convo.Image(name="dog.png", url="https://example.com/dog.png")
        custom = convo.CustomElement(name="Chart", props={})
        await convo.Message("All of it.", elements=[cat, remote, custom]).send()

    await run(app)
    await slack.say("show")

    await slack.sees("complete: Read")
    await slack.sees("All of it.")
    await slack.sees("[dog.png](https://example.com/dog.png)")
    await slack.sees("**Chart**: shown in the web app only")
    shared = await until(lambda: [one for one in slack.in_channel("D0ANN") if one.files])
    assert [(file.name, file.content) for file in shared[0].files] == [("cat.txt", b"miaow")]
    plans = [one for one in slack.posted if any(block["type"] == "plan" for block in one.blocks)]
    assert len(plans) == 1


async def test_a_workspace_that_knows_only_older_blocks_gets_those(slack: FakeSlack, run: Run, echo: App) -> None:
    await run(echo)
    slack.fail("chat.postMessage", error="invalid_blocks")

    await slack.say("**one**")
    first = await slack.sees("You said: *one*")
    await slack.say("**two**")
    await slack.sees("You said: *two*")

    assert {block["type"] for block in first.blocks} <= {"section", "actions"}
    assert len(slack.called("chat.postMessage")) == 3


async def test_files_of_50_megabytes_go_both_ways(slack: FakeSlack, run: Run) -> None:
    app = App({"features": {"uploads": {"max_size_mb": 100}}})
    size = 50 * 2**20

    @app.on_message
    async def send_back(message: convo.Message) -> None:
        (element,) = message.elements
        assert element.path is not None
        await convo.Message("Here.", elements=[convo.File(name="back.bin", path=element.path)]).send()

    await run(app)
    file = slack.add_file("data.bin", b"0123456789abcdef" * (size // 16), "application/octet-stream")
    await slack.say("", files=[file])

    shared = await until(lambda: [one for one in slack.in_channel("D0ANN") if one.files], seconds=100)
    assert shared[0].files[0].content == file.content


async def test_a_voice_note_arrives_as_audio_and_a_file_of_elsewhere_as_a_link(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def tell(message: convo.Message) -> None:
        kinds = [type(element).__name__ for element in message.elements]
        await convo.Message(f"{kinds} {message.content}").send()

    await run(app)
    voice = slack.add_file("audio_message.webm", b"\x1aE\xdf\xa3", "audio/webm")
    await slack.say("", files=[voice])
    await slack.sees("['Audio']")

    evil = {"id": "F9", "name": "a.txt", "mimetype": "text/plain", "url_private_download": "https://evil.example/a"}
    gone = {"id": "F8", "name": "b.txt", "mode": "tombstone"}
    message = slack.messages["D0ANN", await slack.say("see")]
    await slack.sees("[] see")
    event = slack.message_event(message) | {"subtype": "file_share", "ts": slack.now(), "files": [evil, gone]}
    await slack.send_event(event)

    await slack.sees("[a.txt](https://evil.example/a)\n(a file that is not there any more: b.txt)")
