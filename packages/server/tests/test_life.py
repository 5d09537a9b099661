from __future__ import annotations

import asyncio
import logging
import socket
import time

import convo
import convo_server
import pytest
from convo_server import create_app, serve


async def test_the_end_with_open_sockets_takes_about_a_second_and_a_clean_log(start, app, caplog):
    server = await start(app)
    client = await server.client()
    tabs = [await client.socket(transport=transport).connect() for transport in ("websocket", "websocket", "polling")]
    await tabs[0].command("message", content="1000")
    await tabs[0].until(lambda: bool(tabs[0].text))
    began = time.monotonic()
    with caplog.at_level(logging.INFO):
        server.shutdown.set()
        await server.task
    assert time.monotonic() - began < 3
    await tabs[0].until(lambda: tabs[0].is_closed)
    assert tabs[0].has("notice-posted")
    assert tabs[0].has("session-ended")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not server.host.pump.readers


async def test_a_reload_keeps_sessions_and_the_old_app_ends_after_its_runs(start):
    said: list[str] = []
    go_on = asyncio.Event()
    old, new = convo.App(), convo.App()
    old.on_app_shutdown(lambda: said.append("old down"))
    new.on_app_startup(lambda: said.append("new up"))

    @old.on_message
    async def wait(message: convo.Message) -> None:
        await convo.Message("old begins").send()
        await go_on.wait()
        await convo.Message("old ends").send()

    @new.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("new").send()

    server = await start(old)
    tab = await (await server.client()).socket().connect()
    await tab.command("message", content="1")
    await tab.until(lambda: "old begins" in tab.text)
    server.host.report_failed_reload("SyntaxError in app.py", "line 3")
    await tab.until(lambda: tab.has("notice-posted"))
    await server.host.swap(new)
    await tab.until(lambda: tab.has("notice-cleared"))
    assert said == ["new up"]
    await tab.command("message", content="2")
    go_on.set()
    await tab.until(lambda: "new" in tab.text)
    assert "old ends" in tab.text
    await tab.until(lambda: sum(event["kind"] == "run-ended" for event in tab.events) == 2)
    assert said == ["new up", "old down"]


async def test_tasks_that_an_app_starts_with_end_with_it(start, app):
    def beating(name: str) -> convo.App:
        one = convo.App()

        @one.on_app_startup
        async def begin() -> None:
            tasks[name] = asyncio.create_task(asyncio.sleep(3600))

        return one

    tasks: dict[str, asyncio.Task[None]] = {}
    server = await start(beating("old"))
    await server.host.swap(beating("new"))
    await asyncio.wait({tasks["old"]}, timeout=10)

    assert tasks["old"].cancelled()
    assert not tasks["new"].done()
    await server.host.stop()
    assert tasks["new"].cancelled()


async def test_open_pages_are_told_that_the_app_says_other_things_of_itself(start, app):
    server = await start(app)
    client = await server.client()
    tab = await client.socket().connect()
    new = convo.App(convo.Config(project={"name": "Ada"}, server={"port": 9}))
    new.on_message(lambda message: None)

    assert "server.port" in await server.host.swap(new)

    await tab.until(lambda: tab.has("notice-posted"))
    assert (await client.http.get("api/v1/app")).json()["name"] == "Ada"


async def test_a_new_app_that_cannot_start_leaves_the_old(start, app, numbers):
    server = await start(app)
    broken = convo.App()

    @broken.on_app_startup
    async def fail() -> None:
        raise RuntimeError("no model")

    with pytest.raises(RuntimeError, match="no model"):
        await server.host.swap(broken)
    tab = await (await server.client()).socket().connect()
    await tab.ask("3")
    assert tab.text == numbers(3)


async def test_an_app_that_cannot_start_says_so_to_whoever_serves_it(start):
    app = convo.App()

    @app.on_app_startup
    async def fail() -> None:
        raise RuntimeError("no model")

    with pytest.raises(RuntimeError, match="no model"):
        await start(app)


async def test_a_taken_port_is_an_os_error(app):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = convo.Config(server={"port": taken.getsockname()[1], "headless": True})
        with pytest.raises(OSError, match="in use"):
            await serve(create_app(app, config), config, shutdown=asyncio.Event())


async def test_not_ready_before_the_start(app):
    app.configure(flags={"server": {"headless": True}})
    assert not create_app(app).state.host.is_ready


def test_the_public_names_are_all_there():
    served = {"Host", "__version__", "create_app", "mount", "serve"}
    known = {"Dependencies", "current_principal", "current_session", "current_thread"}
    assert set(convo_server.__all__) == served | known
    assert all(hasattr(convo_server, name) for name in convo_server.__all__)
