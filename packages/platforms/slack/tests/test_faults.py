"""What goes wrong between Slack and the app: nothing is lost, and nothing said twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import convo
import pytest
from convo import App
from convo.memory import MemoryDataLayer
from convo.testing.process import Process, until
from convo_slack import SlackBridge, SlackSettings

from tests.platforms.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.platforms.people.slack import settings

pytestmark = pytest.mark.timeout(120)

Run = Callable[..., Any]


async def test_a_connection_that_breaks_comes_back_and_an_event_of_meanwhile_is_answered(
    slack: FakeSlack, run: Run, echo: App
) -> None:
    running = await run(echo)
    await slack.cut()
    await slack.say("hello")

    await slack.sees("You said: hello")

    assert slack.opened == 2
    assert running.platforms.states["slack"].status == "connected"


async def test_slack_may_ask_for_a_new_connection_at_any_time(slack: FakeSlack, run: Run, echo: App) -> None:
    await run(echo)
    for number in range(3):
        await slack.refresh()
        await until(lambda number=number: slack.opened == number + 2)  # type: ignore[misc]
        await slack.say(f"hello {number}")
        await slack.sees(f"You said: hello {number}")

    assert len(slack.posted) == 3


async def test_a_stream_goes_on_while_the_connection_is_cut(slack: FakeSlack, run: Run) -> None:
    app = App()

    @app.on_message
    async def talk(message: convo.Message) -> None:
        reply = convo.Message("")
        for number in range(400):
            await reply.stream_token(f"{number} ")
            await asyncio.sleep(0.005)
        await reply.update()

    await run(app)
    await slack.say("<@U0BOT> go", channel="C0GEN")
    await until(lambda: any(one.is_streaming for one in slack.posted))
    await slack.cut()

    message = await slack.sees("399", "C0GEN")
    assert message.text.split() == [str(number) for number in range(400)]
    assert len(slack.posted) == 1


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_where_slack_cannot_be_reached_it_is_tried_again(
    slack: FakeSlack, run: Run, echo: App, method: str
) -> None:
    slack.fail(method, status=503)
    running = await run(echo)

    await slack.say("hello")
    await slack.sees("You said: hello")

    assert running.platforms.states["slack"].status == "connected"


@pytest.mark.parametrize("token", [BOT_TOKEN, APP_TOKEN])
async def test_a_token_that_is_wrong_is_said_once_and_not_tried_again(
    slack: FakeSlack, run: Run, echo: App, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    slack.revoke(token)

    running = await run(echo)

    state = running.platforms.states["slack"]
    assert state.status == "denied"
    assert "Slack refuses" in str(state.text)
    assert "install the app again" in str(state.text) or "copy" in str(state.text)
    assert caplog.text.count("is off until that is mended") == 1


@pytest.mark.parametrize(
    "told",
    [{}, {"bot_token": "xoxb-1"}, {"app_token": "xapp-1"}, {"client_id": "1", "signing_secret": "s"}],
)
async def test_what_is_missing_is_named(slack: FakeSlack, run: Run, echo: App, told: dict[str, str]) -> None:
    missing = {"bot_token": None, "app_token": None} | told

    running = await run(echo, **missing)

    assert "Slack needs `SLACK_BOT_TOKEN`" in str(running.platforms.states["slack"].text)


def test_the_names_of_chainlit_are_understood() -> None:
    told = SlackSettings.model_validate({"bot_token": "xoxb-1", "websocket_token": "xapp-1"})

    assert told.socket_token == "xapp-1"


async def test_an_event_that_is_not_acknowledged_comes_again_and_is_answered_once(
    slack: FakeSlack, run: Run, echo: App
) -> None:
    running = await run(echo)
    slack.fail("users.info", status=500)  # its name is not known then, and no more
    body = slack.envelope(slack.message_event(slack.messages["D0ANN", await slack.say("hello")]))
    for _ in range(3):
        await slack.send_envelope(body)
    await slack.say("later")
    await slack.sees("You said: later")

    assert [one.shown for one in slack.posted] == ["You said: hello", "You said: later"]
    assert running.bridge.is_connected


async def test_events_that_come_in_another_order_are_all_answered(slack: FakeSlack, run: Run, echo: App) -> None:
    await run(echo)
    first, second = slack.now(), slack.now()
    event = {"type": "message", "channel": "D0ANN", "channel_type": "im", "user": "U0ANN"}

    await slack.send_event(event | {"ts": second, "text": "second"})
    await slack.send_event(event | {"ts": first, "text": "first"})

    await slack.sees("You said: second")
    await slack.sees("You said: first")


async def test_a_channel_that_was_deleted_ends_nothing_else(slack: FakeSlack, run: Run, echo: App) -> None:
    await run(echo)
    await slack.say("<@U0BOT> one", channel="C0GEN")
    await slack.sees("You said: one", "C0GEN")
    slack.channels["C0GEN"]["is_archived"] = True
    await slack.say("<@U0BOT> two", channel="C0GEN")

    await slack.say("three")
    await slack.sees("You said: three")

    assert len(slack.in_channel("C0GEN")) == 1


async def test_a_message_that_somebody_deleted_is_not_posted_again(slack: FakeSlack, run: Run) -> None:
    app = App()
    go_on = asyncio.Event()

    @app.on_message
    async def talk(message: convo.Message) -> None:
        reply = await convo.Message("The first of it").send()
        await go_on.wait()
        reply.content = "All of it"
        await reply.update()
        await convo.Message("That is all.").send()

    await run(app)
    await slack.say("go")
    message = await slack.sees("The first of it")
    del slack.messages["D0ANN", message.ts]
    go_on.set()

    await slack.sees("That is all.")
    assert [one.shown for one in slack.posted] == ["That is all."]


async def test_a_rate_limit_is_kept_to(slack: FakeSlack, run: Run, echo: App) -> None:
    await run(echo)
    slack.limit("chat.postMessage", retry_after=2)
    before = asyncio.get_running_loop().time()
    await slack.say("hello")

    await slack.sees("You said: hello")

    assert asyncio.get_running_loop().time() - before >= 2
    assert len(slack.called("chat.postMessage")) == 2


async def test_a_permission_that_is_missing_is_named_and_the_rest_works(
    slack: FakeSlack, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("Here.", elements=[convo.File(name="a.txt", content=b"abc")]).send()

    await run(app)
    slack.fail("files.getUploadURLExternal", error="missing_scope")
    await slack.say("hello")
    await slack.sees("Here.")
    await until(lambda: "missing_scope" in caplog.text)
    await slack.say("again")

    await until(lambda: any(one.files for one in slack.posted))


async def kill(process: Process) -> None:
    """Say and hear nothing any more, as a process that is killed. What runs in it goes on, and nobody sees it."""
    tasks = [task for _, task in process.bridge._deliveries.values()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await process.platforms.stop_receiving()
    await process.bridge.close()


async def test_a_process_that_was_killed_in_mid_stream_has_its_message_finished_by_the_next(
    slack: FakeSlack, run: Run
) -> None:
    class Kept(MemoryDataLayer):
        is_durable = True

    def create() -> App:
        app = App()

        @app.on_message
        async def talk(message: convo.Message) -> None:
            if message.content == "more":
                await convo.Message("More.").send()
                return
            reply = convo.Message("")
            await reply.stream_token("The first half of it ")
            await asyncio.Event().wait()

        return app

    data_layer = Kept()
    first = Process(create(), SlackBridge(settings(slack)), data_layer)
    await first.start()
    ts = await slack.say("<@U0BOT> go", channel="C0GEN")
    message = await until(lambda: next((one for one in slack.posted if one.is_streaming), None))
    await until(lambda: all(session.recorder.is_saved for session in first.directory.sessions))
    await kill(first)

    await run(create(), data_layer=data_layer)
    await slack.say("<@U0BOT> more", channel="C0GEN", thread_ts=ts)
    await slack.sees("More.", "C0GEN")

    shown = await until(lambda: not message.is_streaming and "Interrupted" in message.shown and message)
    assert shown.shown.startswith("The first half of it")
    assert len(slack.posted) == 2
    await first.app.shutdown(first.directory)
