"""Connections with real servers: over each transport, from the first try to the end."""

import logging
import os
from contextlib import ExitStack
from typing import Any

import convo
import pytest
from convo.memory import MemoryDataLayer
from convo.principal import Principal
from convo.protocol import McpConnect, McpDisconnect, McpSwitch, new_id

from tests.harness.server import free_port

from .conftest import STDIO, make_app, opened, refused, serving


@pytest.mark.parametrize("transport", ["stdio", "http", "sse"])
async def test_a_tool_is_used_and_shown_as_a_step(transport: str) -> None:
    with ExitStack() as stack:
        settings: dict[str, Any] = {}
        if transport != "stdio":
            settings = {"url": stack.enter_context(serving(transport, free_port())), "transport": transport}
        await _use(make_app(settings))


async def _use(app: convo.App) -> None:
    async with opened(app) as chat:
        server = await chat.join()
        assert server.state == "connected", server
        assert {"forecast", "plan"} < {tool.name for tool in server.tools}
        assert [one.uri for one in server.resources] == ["weather://stations"]
        assert [one.name for one in server.prompts] == ["ask_for"]

        reply = await chat.send("forecast Kiel")

        assert reply.content == "Rain in Kiel."
        (step,) = reply.steps
        assert (step.step.type, step.step.name) == ("tool", "forecast")
        assert '"city": "Kiel"' in step.step.input
        assert step.step.output == "Rain in Kiel."

        failed = await chat.send("broken")
        assert failed.content.startswith("error: ")
        assert failed.steps[0].step.is_error


async def test_what_a_user_may_not_know_of_a_server_stays_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "convo_mcp")
    async with opened(make_app({"env": {"KEY": "s3cret"}})) as chat:
        await chat.join()
        await chat.until(lambda: "a secret of the server" in caplog.text)

        assert "secret" not in repr(chat.state.view())
        assert "weather.py" not in repr(await chat.info())
        assert [one.name for one in (await chat.info()).mcp] == ["weather"]


async def test_a_server_gets_of_the_environment_what_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PASSED", "KEPT"):
        monkeypatch.setenv(name, f"{name} of the app")
    async with opened(make_app({"pass_env": ["PASSED"], "env": {"OWN": "its own"}})) as chat:
        await chat.join()
        said = [(await chat.send(f"variable {name}")).content for name in ("PASSED", "KEPT", "OWN")]
        assert said == ["PASSED of the app", "-", "its own"]


async def test_callbacks_hear_of_a_server_that_comes_and_goes() -> None:
    app, heard = make_app(), []

    @app.on_mcp_connect
    async def connected(connection: Any, session: Any) -> None:
        tools = await session.list_tools()
        heard.append((connection.name, len(tools.tools)))
        convo.user_session.set("tools", [tool.name for tool in tools.tools])

    @app.on_mcp_disconnect
    async def disconnected(name: str, session: Any) -> None:
        heard.append((name, (await session.list_tools()).tools[0].name))  # it can still say goodbye

    async with opened(app) as chat:
        count = len((await chat.join()).tools)
        await chat.command(McpConnect(id=new_id(), name="weather"))
        await chat.rest()
        await chat.command(McpDisconnect(id=new_id(), name="weather"))
        await chat.until(lambda: len(heard) == 2)

        assert heard == [("weather", count), ("weather", "forecast")]
        assert chat.server().state == "off"
        assert "ValueError" in str((await chat.send("forecast Kiel")).error)


async def test_processes_end_with_the_chat() -> None:
    async with opened(make_app()) as chat:
        await chat.join()
        process = int((await chat.send("number")).content)
        os.kill(process, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_a_server_that_crashes_is_there_again() -> None:
    app, connects = make_app(), []
    app.on_mcp_connect(lambda connection: connects.append(connection.name))
    async with opened(app) as chat:
        await chat.join()
        first = (await chat.send("number")).content

        reply = await chat.send("crash")
        await chat.until(lambda: len(connects) == 2)

        assert reply.status == "failed"
        assert reply.steps[0].step.is_error
        assert (await chat.send("number")).content not in ("", first)


async def test_a_url_that_was_lost_is_there_again() -> None:
    port = free_port()
    with serving("http", port) as url:
        app = make_app({"url": url})
        async with opened(app) as chat:
            await chat.join()
            first = (await chat.send("number")).content
            await chat.send("crash")
            await chat.until(lambda: chat.server().state == "connecting")
            with serving("http", port):
                await chat.until(lambda: chat.server().state == "connected")
                assert (await chat.send("number")).content not in ("", first)


async def test_every_tab_shows_a_server_and_a_reload_too(url: str) -> None:
    async with opened(make_app({"url": url})) as chat:
        await chat.join()
        tab = await chat.tab()
        await tab.until(lambda: (tab.state.fields.get("mcp") or {}).get("weather"))
        assert tab.state.fields["mcp"]["weather"] == chat.server()
        chat.drop()
        await chat.connect()
        assert chat.server().state == "connected"


@pytest.mark.parametrize(
    ("settings", "reason", "advice"),
    [
        ({"command": "no-such-program", "args": []}, "not-started", "install it, or give its path as `command`"),
        ({"args": ["-c", "raise SystemExit(2)"]}, "not-started", "ended before it was ready"),
        ({"pass_env": ["NO_SUCH_VARIABLE"]}, "not-started", "`NO_SUCH_VARIABLE` is not set"),
        ({"cwd": "/no/such/folder"}, "not-started", "There is no folder `/no/such/folder`"),
        ({"args": ["-c", "import time; time.sleep(60)"], "connect_seconds": 0.5}, "timed-out", "`connect_seconds`"),
    ],
)
async def test_a_server_that_cannot_be_had_says_what_to_do(
    settings: dict[str, Any], reason: str, advice: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(make_app(settings)) as chat:
        server = await chat.join()

        assert (server.state, server.reason) == ("failed", reason)
        assert advice in (server.detail or "")
        assert advice in caplog.text
    async with opened(make_app(settings, debug=False)) as chat:
        assert (await chat.join()).detail is None  # it may name commands and folders


async def test_a_server_that_does_not_listen_is_unreachable() -> None:
    url = f"http://127.0.0.1:{free_port()}/mcp"
    async with opened(make_app({"url": url})) as chat:
        server = await chat.join()
        assert (server.state, server.reason) == ("failed", "unreachable")
        assert url in (server.detail or "")


async def test_users_choose_by_names_that_the_settings_have() -> None:
    async with opened(make_app()) as chat:
        for name in ("other", "", "http://127.0.0.1/mcp", "../weather", "x" * 10_000):
            for command in (McpConnect(id=new_id(), name=name), McpDisconnect(id=new_id(), name=name)):
                assert await refused(chat, command) == "not-found"
        assert chat.state.fields.get("mcp") is None


async def test_a_chat_that_is_resumed_is_connected_as_it_was_left() -> None:
    app, layer, me = make_app(), MemoryDataLayer(), Principal(new_id())
    async with opened(app, data_layer=layer, principal=me) as chat:
        await chat.join()
        await chat.command(McpSwitch(id=new_id(), name="weather", tool="number", on=False))
        await chat.send("forecast Kiel")
        thread = chat.thread_id

    for left in (False, True):
        async with opened(app, data_layer=layer, principal=me, thread=thread) as chat:
            await chat.until(lambda: chat.server().state == "connected")
            assert (await chat.send("forecast Rome")).content == "Rain in Rome."
            assert [tool.name for tool in chat.server().tools if not tool.on] == ["number"]
            if left:
                await chat.command(McpDisconnect(id=new_id(), name="weather"))

    async with opened(app, data_layer=layer, principal=me, thread=thread) as chat:
        await chat.rest()
        assert chat.server().state == "off"
        other = await chat.new_chat()
        assert other.state.fields.get("mcp") is None


async def test_who_has_left_a_server_that_is_there_from_the_start_finds_it_left() -> None:
    app, layer, me = make_app({"connect_at_start": True}), MemoryDataLayer(), Principal(new_id())
    async with opened(app, data_layer=layer, principal=me) as chat:
        await chat.until(lambda: chat.server().state == "connected")
        await chat.send("forecast Kiel")
        await chat.command(McpDisconnect(id=new_id(), name="weather"))
        thread = chat.thread_id
    async with opened(app, data_layer=layer, principal=me, thread=thread) as chat:
        assert chat.server().state == "off"


async def test_a_server_that_is_gone_when_a_chat_is_resumed_says_so() -> None:
    layer, me, port = MemoryDataLayer(), Principal(new_id()), free_port()
    app = make_app({"url": f"http://127.0.0.1:{port}/mcp"})
    with serving("http", port):
        async with opened(app, data_layer=layer, principal=me) as chat:
            await chat.join()
            await chat.send("forecast Kiel")
            thread = chat.thread_id
    async with opened(app, data_layer=layer, principal=me, thread=thread) as chat:
        await chat.until(lambda: chat.server().state == "failed")
        assert chat.server().reason == "unreachable"
        with serving("http", port):
            assert (await chat.join()).state == "connected"


async def test_an_app_without_servers_has_none() -> None:
    async with opened(convo.App()) as chat:
        assert await refused(chat, McpConnect(id=new_id(), name="weather")) == "unsupported"
        assert (await chat.info()).mcp == []


async def test_a_server_can_be_there_from_the_start() -> None:
    async with opened(make_app({"connect_at_start": True})) as chat:
        await chat.until(lambda: chat.server().state == "connected")
        assert (await chat.send("forecast Kiel")).content == "Rain in Kiel."


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({}, "either a `command` or a `url`"),
        ({**STDIO, "url": "http://a.example/"}, "either a `command` or a `url`"),
        ({"url": "ftp://a.example"}, "must look like `https://tickets.example/mcp`"),
        ({**STDIO, "headers": {"A": "b"}}, "go with a `url`"),
        ({**STDIO, "oauth": {}}, "go with a `url`"),
        ({"url": "https://a.example", "oauth": {}, "headers": {"authorization": "b"}}, "users sign in by `oauth`"),
        ({"url": "https://a.example", "oauth": {"client_secret": "x"}}, "goes with a `client_id`"),
        ({"url": "https://a.example", "args": ["x"]}, "go with a `command`"),
        ({**STDIO, "tools": {"x": "maybe"}}, "ask"),
    ],
)
async def test_settings_that_make_no_sense_are_refused(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(convo.ConfigError, match=problem):
        convo.App({"mcp": {"servers": {"weather": table}}}).configure()
