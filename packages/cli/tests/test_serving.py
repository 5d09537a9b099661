"""A real process that serves an app: what it prints, how it ends, and what a save does to an open chat."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import urllib.request
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import socketio
from convo import Config
from convo_cli.launch import Launch

APP = """
import convo

@convo.on_message
async def answer(message):
    turn = convo.user_session.get("turn", 0) + 1
    convo.user_session.set("turn", turn)
    await convo.Message(f"{turn}: WORD").send()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(APP.replace("WORD", "one"))
    return path


class Served:
    """A running `convo` process and what it has printed so far."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.greeting = ""
        self.url = ""

    async def read_greeting(self) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            while "Ctrl-C" not in self.greeting:
                line = await self.process.stdout.readline()
                assert line, f"it ended before it was ready: {self.greeting}"
                self.greeting += line.decode()
        found = re.search(r"https?://\S+", self.greeting)
        assert found is not None, self.greeting
        self.url = found.group()

    async def until_logged(self, text: str) -> str:
        assert self.process.stderr is not None
        seen = ""
        async with asyncio.timeout(10):
            while text not in seen:
                line = await self.process.stderr.readline()
                assert line, f"it ended before it logged {text!r}: {seen}"
                seen += line.decode()
        return seen

    async def get(self, path: str) -> str:
        url = self.url.rstrip("/") + path
        return await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=10).read().decode())

    async def end(self, number: signal.Signals) -> tuple[int, str, float]:
        """Send a signal; returns the exit code, the rest of stderr, and how long it took."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        self.process.send_signal(number)
        _, errors = await asyncio.wait_for(self.process.communicate(), 10)
        assert self.process.returncode is not None
        return self.process.returncode, errors.decode(), loop.time() - started


@asynccontextmanager
async def serving(*arguments: str, **variables: str) -> AsyncIterator[Served]:
    command = [sys.executable, "-m", "convo_cli", *arguments, "--port", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=os.environ | variables)
    served = Served(process)
    try:
        await served.read_greeting()
        yield served
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


class Chat:
    """A browser's socket: asks, and waits for the answer."""

    def __init__(self, client: socketio.AsyncClient) -> None:
        self.client = client
        self.hello: dict[str, Any] = {}
        self._events = asyncio.Queue[dict[str, Any]]()
        self._number = 0
        client.on("hello", self.hello.update)
        client.on("batch", self._take)

    async def _take(self, batch: dict[str, Any]) -> None:
        for event in batch["events"]:
            self._events.put_nowait(event)
        await self.client.emit("received", {"log": batch["log"], "to": batch["to"]})

    async def ask(self, text: str) -> str:
        self._number += 1
        command = {"id": f"c{self._number}", "kind": "message", "content": text}
        answer = await self.client.call("command", command, timeout=10)
        assert answer["ok"], answer
        event = await self.until(
            lambda event: event["kind"] == "step-opened" and event["step"]["type"] == "assistant_message"
        )
        return str(event["step"]["output"])

    async def until(self, condition: Any) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                event = await self._events.get()
                if condition(event):
                    return event


@asynccontextmanager
async def chatting(served: Served) -> AsyncIterator[Chat]:
    page = await asyncio.to_thread(urllib.request.urlopen, served.url)  # gives the visitor's cookie
    client = socketio.AsyncClient(reconnection=False)
    chat = Chat(client)
    await client.connect(
        served.url,
        headers={"Cookie": page.headers["Set-Cookie"].split(";")[0]},
        socketio_path="/ws/socket.io",
        transports=["websocket"],
        auth={"protocol": 1, "client": "test"},
    )
    try:
        yield chat
    finally:
        await client.disconnect()


async def test_it_greets_with_its_name_and_address_and_serves(file: Path) -> None:
    (file.parent / "convo.toml").write_text('[project]\nname = "Ada"\n')

    async with serving("run", str(file), "--headless") as served:
        assert "Ada is ready at http://127.0.0.1:" in served.greeting
        assert "History" not in served.greeting
        assert "Add -w to reload" in served.greeting
        assert await served.get("/health")


async def test_hello_needs_no_file() -> None:
    async with serving("hello") as served:
        assert "Hello is ready at" in served.greeting
        assert await served.get("/health")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_ends_cleanly_and_soon(file: Path, number: signal.Signals) -> None:
    async with serving("run", str(file), "-w") as served:
        code, errors, seconds = await served.end(number)

    assert code == 0
    assert errors == ""
    assert seconds < 2


async def test_it_ends_cleanly_with_a_chat_open(file: Path) -> None:
    async with serving("run", str(file), "--headless") as served, chatting(served) as chat:
        assert await chat.ask("hi") == "1: one"

        code, errors, seconds = await served.end(signal.SIGINT)

    assert (code, errors) == (0, "")
    assert seconds < 2


async def test_a_second_signal_ends_at_once(file: Path) -> None:
    slow = "\n@convo.on_app_shutdown\nasync def end():\n    convo_logger.warning('ending')\n    await convo.sleep(60)\n"
    file.write_text(f"import logging\nconvo_logger = logging.getLogger('app')\n{APP}{slow}")

    async with serving("run", str(file)) as served:
        served.process.send_signal(signal.SIGINT)
        await served.until_logged("ending")
        code, errors, seconds = await served.end(signal.SIGINT)

    assert (code, errors) == (1, "")
    assert seconds < 1


async def test_it_opens_the_browser_when_told(file: Path) -> None:
    opened, browser = file.parent / "opened", file.parent / "browser.py"
    os.mkfifo(opened)
    browser.write_text(f"import sys\nopen({str(opened)!r}, 'w').write(sys.argv[1])\n")

    async with serving("run", str(file), "--open", BROWSER=f"{sys.executable} {browser} %s") as served:
        assert await asyncio.wait_for(asyncio.to_thread(opened.read_text), 10) == served.url


def test_it_opens_no_browser_unasked_without_a_terminal_nor_for_an_api() -> None:
    page, api = Config.load(), Config.load(".", settings={"server": {"headless": True}})

    assert Launch("app.py", {}, is_opening=True)._should_open(page)
    assert not Launch("app.py", {}, is_opening=True)._should_open(api)
    assert not Launch("app.py", {}, is_opening=False)._should_open(page)
    assert not Launch("app.py", {}, is_opening=None)._should_open(page)


async def test_a_root_path_is_part_of_the_address(file: Path) -> None:
    async with serving("run", str(file), "--root-path", "/chat") as served:
        assert re.search(r":\d+/chat/?$", served.url)


async def test_the_process_is_made_for_streaming(file: Path) -> None:
    code = "import asyncio, gc\n" + APP.replace('"{turn}: WORD"', '"{type(asyncio.get_running_loop()).__module__}"')
    file.write_text(code.replace("send()", "send()\n    assert gc.get_freeze_count() > 10_000"))

    async with serving("run", str(file), "--headless") as served, chatting(served) as chat:
        assert await chat.ask("hi") == "uvloop"
        ended = await chat.until(lambda event: event["kind"] == "run-ended")
        assert ended["status"] == "done"


async def test_async_code_that_blocks_every_chat_is_named(file: Path) -> None:
    file.write_text(APP.replace("    turn =", "    import time; time.sleep(0.8)\n    turn =", 1))

    async with serving("run", str(file), "--headless") as served, chatting(served) as chat:
        await chat.ask("hi")

        assert f"{file}:6" in await served.until_logged("make_async")


async def test_a_save_reaches_the_open_chat_and_a_broken_one_only_tells_it(file: Path) -> None:
    async with serving("run", str(file), "-w", "--headless") as served, chatting(served) as chat:
        assert await chat.ask("hi") == "1: one"

        file.write_text(APP.replace("WORD", "two"))
        assert "Reloaded after a change of app.py" in await served.until_logged("Reloaded")
        assert await chat.ask("hi") == "2: two"

        file.write_text("def broken(:\n")
        assert f"{file}:1" in await served.until_logged("Kept the app as it was")
        notice = await chat.until(lambda event: event["kind"] == "notice-posted")
        assert f"{file}:1" in notice["notice"]["text"]
        assert await chat.ask("hi") == "3: two"

        file.write_text(APP.replace("WORD", "six"))
        await served.until_logged("Reloaded")
        await chat.until(lambda event: event["kind"] == "notice-cleared")
        assert await chat.ask("hi") == "4: six"
