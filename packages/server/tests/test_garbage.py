"""Garbage while others talk: bytes below the frames, frames in the wrong order, lies about what was received.

`garbage/*.txt` holds what was recorded. Frames one at a time are in `test_nasty.py`.
"""

from __future__ import annotations

import asyncio
import base64
import codecs
import json
import logging
import os
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import convo
import httpx
import pytest
from convo.protocol import COMMANDS, Saved
from msgspec.structs import replace

PATIENCE = 20.0
COUNT = 200
AUTH = '{"protocol":1,"thread":"$THREAD"}'


def recorded(name: str) -> Iterator[tuple[str, str]]:
    """Why, and what, of a file of the corpus."""
    lines = (Path(__file__).parent / "garbage" / f"{name}.txt").read_text().splitlines()
    why = ""
    for line in lines:
        if line.startswith("# "):
            why = line[2:]
        else:
            yield why or line, line


class Scene:
    """A thread with two tabs and a neighbour's, all of them being answered, and a port to throw things at."""

    def __init__(self, server: Any, first: Any, second: Any, neighbour: Any) -> None:
        self.server = server
        self.first, self.second, self.neighbour = first, second, neighbour
        self.client = first.client
        self.thread: str = first.hello["thread"]
        self.session = server.host.directory.live(self.thread)
        url = httpx.URL(server.url)
        self.address = (url.host, url.port)
        self.names = {
            "THREAD": self.thread,
            "LOG": self.session.log.id,
            "COOKIE": f"Cookie: {self.client.cookie}",
            "HOST": f"{url.host}:{url.port}",
            "ZEROS": "\0" * 126,
        }

    def fill(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace(f"${name}", value)
        return text

    def bytes(self, text: str) -> bytes:
        return self.fill(codecs.escape_decode(text.encode())[0].decode("latin-1")).encode("latin-1")  # type: ignore[attr-defined]

    async def talk(self, numbers: Callable[[int], str], work: Any) -> None:
        """Do `work` while answers stream; all who listen get all of them."""
        tabs = (self.first, self.second, self.neighbour)
        before = [tab.text for tab in tabs]
        ended = [_ends(tab) for tab in tabs]
        for tab in (self.first, self.neighbour):
            assert (await tab.command("message", content=str(COUNT)))["ok"]
        await work
        for tab, count, had in zip(tabs, ended, before, strict=True):
            await tab.until(lambda tab=tab, count=count: _ends(tab) > count)
            assert tab.text == had + numbers(COUNT)

    async def alone(self) -> None:
        """Wait until nobody but the three is connected."""
        async with asyncio.timeout(PATIENCE):
            while sum(len(session.connections) for session in self.server.host.directory.sessions) > 3:
                await asyncio.sleep(0.01)
            while len(self.server.host.pump.readers) > 3:
                await asyncio.sleep(0.01)


def _ends(tab: Any) -> int:
    return sum(event["kind"] == "run-ended" for event in tab.events)


@pytest.fixture(params=["hypercorn", "uvicorn"])
async def scene(request, start, start_on_uvicorn, app, caplog) -> AsyncIterator[Scene]:
    begin = start if request.param == "hypercorn" else start_on_uvicorn
    server = await begin(app, limits={"commands_per_second": 1e6, "connections_per_principal": 1000})
    client = await server.client()
    first = await client.socket().connect()
    second = await client.socket().connect(thread=first.hello["thread"])
    neighbour = await (await server.client()).socket().connect()
    errors: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    yield Scene(server, first, second, neighbour)
    records = [record for phase in ("setup", "call", "teardown") for record in caplog.get_records(phase)]
    loud = [record for record in records if record.levelname in ("WARNING", "ERROR") or record.exc_info]
    assert [record.getMessage() for record in loud if not _is_uvicorns(record)] == []
    assert errors == []


def _is_uvicorns(record: logging.LogRecord) -> bool:
    """What it says of its clients, not of the app."""
    return record.name == "uvicorn.error" and "ASGI" not in record.getMessage()


class Wire:
    """A TCP connection, and nothing above it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, address: tuple[str, int]) -> Wire:
        return cls(*await asyncio.open_connection(*address))

    async def upgrade(self, scene: Scene) -> Wire:
        """Become a WebSocket that is connected to the thread."""
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write(
            scene.bytes(
                "GET /ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\\r\\nHost: $HOST\\r\\n$COOKIE\\r\\n"
                "Upgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n"
                f"Sec-WebSocket-Key: {key}\\r\\n\\r\\n"
            )
        )
        frame = scene.fill(f"40{AUTH}").encode()
        async with asyncio.timeout(PATIENCE):
            await self.reader.readuntil(b"\r\n\r\n")
            self.writer.write(struct.pack("!BB4x", 0x81, 0x80 | len(frame)) + frame)
            await self.reader.readuntil(b'42["hello"')
        return self

    async def throw(self, data: bytes) -> bytes:
        """Send it and nothing more; what comes back until the server's end, or until it has said enough."""
        got = b""
        try:
            self.writer.write(data)
            await self.writer.drain()
            async with asyncio.timeout(0.02):
                while news := await self.reader.read(1 << 16):
                    got += news
        except (OSError, TimeoutError):
            pass
        return got

    async def end(self, *, rudely: bool) -> None:
        if rudely:  # a reset, not a goodbye
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
        try:
            self.writer.close()
            await self.writer.wait_closed()
        except OSError:
            pass


@pytest.mark.parametrize("rudely", [False, True])
async def test_bytes_that_are_no_request_harm_nobody_who_is_being_answered(scene, numbers, rudely):
    async with aiohttp.ClientSession(headers={"Cookie": scene.client.cookie}) as http:
        poll = f"{scene.server.url}ws/socket.io/?EIO=4&transport=polling"
        async with http.get(poll) as response:
            scene.names["POLL"] = json.loads((await response.text())[1:])["sid"]

        async def throw_all() -> None:
            for why, line in recorded("http"):
                wire = await Wire.open(scene.address)
                got = await wire.throw(scene.bytes(line))
                assert b"Traceback" not in got, why
                assert b" 500 " not in got.partition(b"\r\n")[0], why
                await wire.end(rudely=rudely)

        await scene.talk(numbers, throw_all())
        async with http.post(f"{poll}&sid={scene.names['POLL']}", data="1") as response:
            await response.read()
    await scene.alone()


@pytest.mark.parametrize("rudely", [False, True])
async def test_bytes_that_are_no_websocket_end_at_most_their_own(scene, numbers, rudely):
    async def throw_all() -> None:
        for why, line in recorded("websocket"):
            wire = await (await Wire.open(scene.address)).upgrade(scene)
            got = await wire.throw(scene.bytes(line))
            assert b"Traceback" not in got, why
            await wire.end(rudely=rudely)

    await scene.talk(numbers, throw_all())
    await scene.alone()


async def test_frames_in_the_wrong_order_end_at_most_their_own_socket(scene, numbers):
    async with aiohttp.ClientSession(headers={"Cookie": scene.client.cookie}) as http:

        async def send_all() -> None:
            for why, line in recorded("sequences"):
                frames = scene.fill(line.replace("$AUTH", AUTH)).split(" | ")
                async with http.ws_connect(f"{scene.server.url}ws/socket.io/?EIO=4&transport=websocket") as ws:
                    for frame in frames:
                        if not ws.closed:
                            await ws.send_str(frame)
                    is_here = await _is_here(ws)
                assert is_here is not why.startswith("ends: "), why

        await scene.talk(numbers, send_all())
    await scene.alone()
    await scene.first.until(lambda: scene.first.position["after"] == scene.session.log.seq)  # all, the saving too
    assert sum(step.facts.type == "user_message" for step in scene.session.state.steps.values()) == 1


async def _is_here(ws: aiohttp.ClientWebSocketResponse) -> bool:
    """Whether it is still connected: its server answers, or ends it."""
    try:
        await ws.send_str('42777["command",{"kind":"dance","id":"still here"}]')
        async with asyncio.timeout(PATIENCE):
            async for message in ws:
                if message.type is aiohttp.WSMsgType.TEXT and message.data.startswith("43777"):
                    return "unsupported" in message.data
    except (ConnectionError, aiohttp.ClientError):
        pass
    return False


async def test_who_lies_about_what_it_received_gets_its_stream_and_delays_nobody(scene, numbers):
    liar = await scene.client.socket().connect(thread=scene.thread)

    async def lie() -> None:
        for why, line in recorded("received"):
            await liar.io.eio.send(f'2["received",{scene.fill(line)}]')
            answer = await liar.command("dance")
            assert answer["error"]["code"] == "unsupported", why

    await scene.talk(numbers, lie())
    await liar.until(lambda: liar.has("run-ended"))
    assert liar.text == numbers(COUNT)
    await liar.close()


async def test_a_position_that_is_nobodys_gets_a_snapshot_and_the_stream_leaves_nothing(scene):
    await scene.first.ask("1")
    path = f"{scene.server.url}api/v1/threads/{scene.thread}/events"
    async with aiohttp.ClientSession(headers={"Cookie": scene.client.cookie}) as http:
        for why, line in recorded("positions"):
            position = scene.fill(line)
            for way in ({"headers": {"Last-Event-ID": position}}, {"params": {"after": position}}):
                async with asyncio.timeout(PATIENCE), http.get(path, **way) as response:
                    assert response.status == 200, why
                    while b"event: snapshot" not in (message := await _message(response)) or b"\nid: " in message:
                        assert b"event: " in message, why
    await scene.alone()


async def _message(response: aiohttp.ClientResponse) -> bytes:
    message = b""
    while line := (await response.content.readline()).strip():
        message += b"\n" + line
    return message


TOKENS = (
    *("NaN", "-Infinity", "1e400", "-0", "9" * 400, "0.1e-9999", "null", "true", "[]", "{}", '""', '"', "\\", ",", ":"),
    *('"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', "\0", "\u2028", "\ufeff", '"__proto__":{},', '"kind":"stop",'),
    *(
        '{"_placeholder":true,"num":0}',
        "[" * 300,
        "]" * 300,
        '{"a":' * 300,
        "\x1e",
        "// ",
        "'",
        "\U0001f600",
        "x" * 200,
    ),
)


def spoilt(command: dict[str, Any], dice: random.Random) -> str:
    """A command as text, with something about it that is not as it should be."""
    command = dict(command)
    fields = list(command)
    for _ in range(dice.randrange(3)):
        match dice.randrange(4):
            case 0:
                command.pop(dice.choice(fields), None)
            case 1:
                command[dice.choice(fields)] = dice.choice([None, -1, 1 << 70, 1.5, [], {}, "", "\0", "x" * 200, True])
            case 2:
                command[dice.choice(["extra", "seq", "messageId", "by", "ID", ""])] = dice.choice(fields)
            case 3:
                command["kind"] = dice.choice(sorted(COMMANDS))
    text = json.dumps(command)
    for _ in range(dice.choice((0, 0, 1, 2))):
        at, to = sorted(dice.randrange(len(text) + 1) for _ in range(2))
        match dice.randrange(4):
            case 0:
                text = text[:at] + dice.choice(TOKENS) + text[at:]
            case 1:
                text = text[:at] + dice.choice(TOKENS) + text[to:]
            case 2:
                text = text[:to] + text[at:]
            case 3:
                text = text[:at] + text[to:] if dice.random() < 0.5 else text[:at]
    return text


async def test_a_command_that_is_nearly_right_is_answered_once_and_without_ok_changes_nothing(start, campaign, caplog):
    app = convo.App()

    @app.on_message
    async def echo(message: convo.Message) -> None:
        await convo.Message(message.content).send()

    limits = {"commands_per_second": 1e6, "connections_per_principal": 1000, "message_bytes": 1000}
    server = await start(app, limits=limits)
    client = await server.client()
    dice = campaign.random
    count, done = campaign.of("commands", 20_000, 1_000), 0
    async with aiohttp.ClientSession(headers={"Cookie": client.cookie}) as http:
        while done < count:
            async with http.ws_connect(f"{server.url}ws/socket.io/?EIO=4&transport=websocket", max_msg_size=0) as ws:
                await ws.send_str('40{"protocol":1}')
                hello = json.loads((await _packet(ws, '42["hello"'))[2:])[1]
                session = server.host.directory.live_sessions.get(hello["session"])
                for number in range(200):
                    await _settled(session)
                    before = _shown(session)
                    text = spoilt(_valid(session, f"{number}", dice), dice)
                    await ws.send_str(f'42{number}["command",{text}]')
                    [answer] = json.loads((await _packet(ws, f"43{number}["))[2 + len(str(number)) :])
                    assert answer.get("ok") or answer["error"]["code"] != "internal", text
                    assert answer.get("ok") or _shown(session) == before, text
                    done += 1
                tab = await client.socket().connect(thread=hello["thread"])
                await _settled(session)
                assert tab.snapshots[0]["state"].get("leaf") == session.state.leaf
                await tab.close()
    assert [record.getMessage() for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def _valid(session: Any, number: str, dice: random.Random) -> dict[str, Any]:
    """A command that is right, about what is there."""
    steps, runs = [*session.state.steps, "nobody"], [*session.state.runs, "nobody"]
    commands = [
        {"kind": "message", "content": "hello"},
        {"kind": "message", "content": "hello", "priorId": dice.choice(steps)},
        {"kind": "edit", "messageId": dice.choice(steps), "content": "hello again"},
        {"kind": "regenerate", "messageId": dice.choice(steps)},
        {"kind": "show-branch", "leafId": dice.choice(steps)},
        {"kind": "stop", "runId": dice.choice(runs)},
        {"kind": "dequeue", "runId": dice.choice(runs)},
        {"kind": "feedback", "stepId": dice.choice(steps), "value": 1},
        {"kind": "page", "before": dice.choice(steps)},
    ]
    return {"id": number} | dice.choice(commands)


def _shown(session: Any) -> Any:
    """All of a thread but what was saved of it, which goes on by itself."""
    return replace(session.state.view(), saved=Saved())


async def _settled(session: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while any(run.status in ("queued", "running") for run in session.state.runs.values()):
            await asyncio.sleep(0)


async def _packet(ws: aiohttp.ClientWebSocketResponse, start: str) -> str:
    """The next packet that starts so; what comes before is received."""
    async with asyncio.timeout(PATIENCE):
        async for message in ws:
            text: str = message.data
            if text.startswith(start):
                return text
            if text.startswith(('42["batch"', '42["snapshot"')):
                frame = json.loads(text[2:])[1]
                await ws.send_str(f'42["received",{json.dumps({"to": frame["to"], "log": frame["log"]})}]')
    raise AssertionError(f"The socket ended before {start}")


async def test_a_repeated_id_is_done_once_however_it_comes_and_whatever_it_asks_for(scene, numbers):
    path = f"api/v1/threads/{scene.thread}/commands"
    command = {"kind": "message", "id": "same", "content": str(COUNT)}
    other = {"kind": "edit", "id": "same", "messageId": "nobody", "content": "x"}
    sent = [scene.first.io.call("command", c) for c in (command, other, command)]
    sent += [scene.second.io.call("command", other), scene.second.io.call("command", {"kind": "leave", "id": "same"})]
    posted = [scene.client.post(path, json=c) for c in (command, other)]
    answers = [*await asyncio.gather(*sent), *[r.json() for r in await asyncio.gather(*posted)]]
    first = next(answer for answer in answers if answer.get("ok"))
    assert all(answer == first or answer.get("error", {}).get("code") == "not-found" for answer in answers)
    await scene.second.until(lambda: scene.second.has("run-ended"))
    assert scene.second.text == numbers(COUNT)


async def test_whoever_asks_for_the_head_of_a_stream_alone_gets_it_and_the_connection_is_kept(scene):
    url = f"{scene.server.url}api/v1/threads/{scene.thread}"
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(headers={"Cookie": scene.client.cookie}, connector=connector) as http:
        for path in ("/events", "", "/events", ""):
            async with asyncio.timeout(PATIENCE), http.head(url + path) as response:
                assert response.status == 200
                assert await response.read() == b""
    await scene.alone()
