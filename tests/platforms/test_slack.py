"""A server whose app is in Slack, over HTTP and by Socket Mode, from its start to its sudden end."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from convo.testing.process import until

from tests.harness.server import Server
from tests.platforms.fakes.slack import APP_TOKEN, BOT_TOKEN, SECRET, FakeSlack

pytestmark = pytest.mark.timeout(400)

APP = """
import asyncio
import convo

@convo.on_message
async def answer(message: convo.Message) -> None:
    if message.content != "slowly":
        await convo.Message(f"You said: {message.content}").send()
        return
    reply = convo.Message("")
    for number in range(10_000):
        await reply.stream_token(f"{number} ")
        await asyncio.sleep(0.01)
    await reply.update()
"""


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


@pytest_asyncio.fixture
async def serve(slack: FakeSlack, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Serves an app that is in the fake Slack, with tokens."""
    (tmp_path / "app.py").write_text(APP)
    servers: list[Server] = []

    async def serve(**tokens: str) -> Server:
        told = {"BOT_TOKEN": BOT_TOKEN, "BASE_URL": slack.url} | tokens
        settings = {f"PLATFORMS__SLACK__{name}": value for name, value in told.items()}
        settings["DATA__URL"] = "sqlite:///history.db"
        server = Server("run", "app.py", "--headless", cwd=tmp_path, settings=settings)
        servers.append(server)
        await server.start()
        await until(lambda: is_connected(server.url))
        return server

    yield serve
    for server in servers:
        await server.end()


def is_connected(url: str) -> bool:
    return httpx.get(f"{url}/ready").json().get("platforms") == {"slack": "connected"}


async def test_signed_events_reach_the_app_and_others_do_not(slack: FakeSlack, serve: Any) -> None:
    server = await serve(SIGNING_SECRET=SECRET)
    slack.http = f"{server.url}/slack/events"

    await slack.say("hello")
    await slack.sees("You said: hello")
    async with httpx.AsyncClient() as http:
        body = json.dumps(slack.envelope({"type": "message", "channel": "D0ANN", "user": "U0ANN", "text": "forged"}))
        headers = {"Content-Type": "application/json", **slack.signed(body, secret="a guess")}
        assert (await http.post(slack.http, content=body, headers=headers)).status_code == 401

    assert len(slack.posted) == 1
    assert server.complaints == []


async def test_a_server_that_is_killed_in_mid_stream_says_nothing_twice_and_loses_nothing(
    slack: FakeSlack, serve: Any
) -> None:
    server = await serve(APP_TOKEN=APP_TOKEN)
    ts = await slack.say("<@U0BOT> slowly", channel="C0GEN")
    message = await until(lambda: next((one for one in slack.posted if " 300 " in one.text), None), seconds=120)
    async with asyncio.timeout(30):
        await server.end(signal.SIGKILL)
    telling = asyncio.create_task(slack.say("<@U0BOT> meanwhile", channel="C0GEN", thread_ts=ts))
    await server.start()

    await slack.sees("You said: meanwhile", "C0GEN", 120)
    await telling
    shown = await until(lambda: "Interrupted" in message.shown and not message.is_streaming and message, seconds=120)

    said = shown.blocks[0]["text"].partition("\n")[0].split()
    assert said == [str(number) for number in range(len(said))]
    assert len(said) > 100
    assert len(slack.posted) == 2
