"""What no client of ours would send: answered by a typed error where there is one, and harmless everywhere.

`corpus/nasty.json` holds what was recorded; Hypothesis makes up more.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import convo
import msgspec
import pytest
from convo.protocol import COMMANDS
from convo.routes import STATUS
from convo.testing import ChatClient
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

CORPUS = json.loads((Path(__file__).parent / "corpus" / "nasty.json").read_text())
PATIENCE = 20.0
HERE = '42777["command",{"kind":"stop","id":"still here"}]'  # with nothing to stop, it changes nothing
STATUSES = {400, 401, 404, 405, 413, 501}


def made(parts: list[Any], **names: str) -> str | bytes:
    """A frame from its parts: text, text many times, or bytes."""
    if parts and isinstance(parts[0], dict) and "hex" in parts[0]:
        return bytes.fromhex(parts[0]["hex"])
    text = "".join(part if isinstance(part, str) else part["text"] * part["times"] for part in parts)
    for name, value in names.items():
        text = text.replace(f"${name}", value)
    return text


class Raw:
    """A WebSocket, and nothing above it."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http
        self.ws: Any = None
        self.hello: dict[str, Any] = {}

    async def open(self) -> Raw:
        self.ws = await self.http.ws_connect(f"{self.url}ws/socket.io/?EIO=4&transport=websocket", max_msg_size=0)
        return self

    async def connect(self, auth: str = '{"protocol":1}') -> Raw:
        await self.open()
        await self.ws.send_str(f"40{auth}")
        self.hello = json.loads((await self.until("42"))[len('42["hello",') : -1])
        await self.until('42["snapshot"')
        return self

    async def send(self, frame: str | bytes) -> None:
        await (self.ws.send_bytes(frame) if isinstance(frame, bytes) else self.ws.send_str(frame))

    async def until(self, start: str) -> str:
        """The next packet that starts so. Raises `ConnectionError` when the socket is closed before."""
        async with asyncio.timeout(PATIENCE):
            async for message in self.ws:
                if message.type is aiohttp.WSMsgType.TEXT and message.data.startswith(start):
                    text: str = message.data
                    return text
        raise ConnectionError

    async def answer(self, event: str) -> Any:
        """Send an event's JSON, and get its answer."""
        await self.send(f"42555{event}")
        return json.loads((await self.until("43555"))[5:])

    async def is_here(self) -> bool:
        """Whether the connection still does what it is for."""
        try:
            await self.send(HERE)
            return json.loads((await self.until("43777"))[5:])[0]["ok"] is True
        except (ConnectionError, TimeoutError, aiohttp.ClientError):
            return False


class Nasty:
    """A server, a visitor with bad intentions, and another who must not notice."""

    def __init__(self, server: Any, http: aiohttp.ClientSession, bystander: Any) -> None:
        self.server = server
        self.http = http
        self.bystander = bystander

    async def raw(self) -> Raw:
        return await Raw(self.server.url, self.http).connect()

    def session(self, raw: Raw) -> Any:
        return self.server.host.directory.live_sessions.get(raw.hello["session"])

    async def forgets(self, raw: Raw) -> None:
        """Wait until the server knows that the socket is gone: at once, not when a ping is missed."""
        await raw.ws.close()
        session = self.session(raw)
        async with asyncio.timeout(3):
            while session.connections:
                await asyncio.sleep(0.002)


@pytest.fixture
async def nasty(start, app, caplog, numbers) -> AsyncIterator[Nasty]:
    server = await start(app, limits={"commands_per_second": 1e6, "connections_per_principal": 1000})
    bystander = await (await server.client()).socket().connect()
    errors: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    connector = aiohttp.TCPConnector(force_close=True)  # the server closes after a body it did not read to its end
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        (await http.get(server.url)).close()
        yield Nasty(server, http, bystander)
    await bystander.ask("5")
    assert bystander.text == numbers(5)
    records = [record for phase in ("setup", "call", "teardown") for record in caplog.get_records(phase)]
    loud = [record for record in records if record.levelname in ("WARNING", "ERROR")]
    assert [record.getMessage() for record in loud if record.name != "convo_server.origins"] == []  # which says so
    assert errors == []


async def test_a_packet_that_is_none_changes_nothing_and_ends_at_most_its_own_socket(nasty):
    for entry in CORPUS["packets"]:
        raw = await nasty.raw()
        session = nasty.session(raw)
        seq = session.log.seq
        await raw.send(made(entry["frame"]))
        assert await raw.is_here() is not entry.get("ends", False), entry["why"]
        assert session.log.seq == seq, entry["why"]
        await nasty.forgets(raw)


async def test_a_command_that_is_none_gets_a_typed_error_and_changes_nothing(nasty):
    raw = await nasty.raw()
    seq = nasty.session(raw).log.seq
    for entry in CORPUS["commands"]:
        frame = made(entry["frame"])
        [answer] = await raw.answer(f'["command",{frame}]')
        assert answer["error"]["code"] == entry["code"], frame[:200]
    assert nasty.session(raw).log.seq == seq


async def test_what_was_not_received_harms_nobody(nasty):
    raw = await nasty.raw()
    seq = nasty.session(raw).log.seq
    for parts in CORPUS["received"]:
        answer = await raw.answer(f'["received",{made(parts)}]')
        assert answer == [] or answer[0]["error"]["code"] == "invalid", made(parts)[:200]
        assert await raw.is_here()
    assert nasty.session(raw).log.seq == seq


async def test_a_connect_frame_that_is_none_is_refused_with_a_typed_error(nasty):
    for entry in CORPUS["connects"]:
        raw = await Raw(nasty.server.url, nasty.http).open()
        frame = made(entry["frame"])
        await raw.send(f"40{frame}")
        refusal = json.loads((await raw.until("44"))[2:])
        assert refusal["data"]["code"] == entry["code"], frame[:200]
        await raw.ws.close()
    assert [len(session.connections) for session in nasty.server.host.directory.sessions] == [1]


async def test_a_position_that_no_reader_has_gets_a_snapshot(nasty):
    session = nasty.session(await nasty.raw())
    for parts in CORPUS["positions"]:
        frame = parts.replace("$LOG", session.log.id).replace("$SESSION", session.id)
        raw = await Raw(nasty.server.url, nasty.http).connect(frame)
        assert await raw.is_here()
        await raw.ws.close()


class Poll:
    """A connection by long polling, by hand."""

    def __init__(self, nasty: Nasty) -> None:
        self.http = nasty.http
        self.url = f"{nasty.server.url}ws/socket.io/?EIO=4&transport=polling"

    async def connect(self) -> Poll:
        opened = await self.get()
        self.url += "&sid=" + json.loads(opened[1:])["sid"]
        await self.post('40{"protocol":1}')
        await self.until("snapshot")
        return self

    async def get(self) -> str:
        async with self.http.get(self.url) as response:
            return await response.text() if response.status == 200 else ""

    async def post(self, body: str | bytes) -> int:
        data = io.BytesIO(body.encode() if isinstance(body, str) else body)
        async with self.http.post(self.url, data=data) as response:
            await response.read()
            return response.status

    async def until(self, text: str) -> str:
        """All that comes until `text` does, or until the end."""
        got = ""
        async with asyncio.timeout(PATIENCE):
            while text not in got:
                news = await self.get()
                if not news:
                    return got
                got += news
        return got


async def test_a_body_that_no_client_polls_with_harms_nobody(nasty):
    for entry in CORPUS["polls"]:
        poll = await Poll(nasty).connect()
        status = await poll.post(made(entry["frame"]))
        assert status in (200, 400, 413), entry["why"]
        is_here = await poll.post(HERE) == 200 and "43777" in await poll.until("43777")
        assert is_here is not entry.get("ends", False), entry["why"]
        await poll.post("1")
    async with asyncio.timeout(PATIENCE):
        while sum(len(session.connections) for session in nasty.server.host.directory.sessions) > 1:
            await asyncio.sleep(0.01)


async def test_all_that_gathered_while_a_client_was_away_is_done_when_it_comes_in_one_body(nasty):
    poll = await Poll(nasty).connect()
    commands = [f'42{n}["command",{{"kind":"stop","id":"{n}"}}]' for n in range(100)]
    assert await poll.post("\x1e".join(commands)) == 200
    got = await poll.until("4399[")
    assert got.count('"ok":true') == 100


@pytest.mark.parametrize("probe", [None, "garbage", "", "2probe", "2probe then garbage", "too much"])
async def test_an_upgrade_that_fails_leaves_the_poll_as_it_was(nasty, probe):
    poll = await Poll(nasty).connect()
    url = poll.url.replace("transport=polling", "transport=websocket")
    async with nasty.http.ws_connect(url) as ws:
        if probe == "too much":
            await ws.send_str("2probe" * 1_000_000)
        elif probe is not None:
            await ws.send_str(probe.split(" ")[0])
        if probe == "2probe then garbage":
            await ws.send_str("garbage")
    await poll.post(HERE)
    assert "43777" in await poll.until("43777")
    await poll.post("1")


async def test_a_request_that_is_none_gets_a_typed_error_and_changes_nothing(nasty):
    raw = await nasty.raw()
    seq, sessions = nasty.session(raw).log.seq, len(nasty.server.host.directory.sessions)
    for entry in CORPUS["requests"]:
        path = entry["path"].replace("$THREAD", raw.hello["thread"])
        body = made(entry["body"])
        data = io.BytesIO(body.encode() if isinstance(body, str) else body) if body else None
        url = URL(nasty.server.url + path, encoded=True)
        async with nasty.http.request(entry["method"], url, data=data, headers=entry["headers"]) as response:
            text = await response.text()
        assert response.status in STATUSES, entry
        assert "Traceback" not in text
        if path.startswith("api/"):
            failure = json.loads(text)
            failure = failure.get("error", failure)
            assert STATUS[failure["code"]] == response.status or response.status == 405, entry
            assert failure["text"]
    assert (nasty.session(raw).log.seq, len(nasty.server.host.directory.sessions)) == (seq, sessions)


async def test_frames_in_no_order_at_all(nasty, campaign):
    """Before and after connecting, again and again, cut and mixed: nothing changes and nobody is left behind."""
    dice = campaign.random
    frames = [made(entry["frame"]) for entry in CORPUS["packets"] if not any(map(_is_large, entry["frame"]))]
    frames += ['40{"protocol":1}', '40{"protocol":1}', '42["received",{"to":1}]', "41", "3", HERE, HERE]
    for _ in range(campaign.of("sequences", 3_000, 60)):
        raw = await Raw(nasty.server.url, nasty.http).open()
        try:
            for _ in range(dice.randrange(1, 20)):
                frame = dice.choice(frames)
                if dice.random() < 0.2:
                    frame = frame[: dice.randrange(len(frame) + 1)]
                elif dice.random() < 0.1:
                    at = dice.randrange(len(frame) + 1)
                    frame = frame[:at] + frame[at:][::-1]
                await raw.send(frame)
        except (ConnectionError, aiohttp.ClientError):
            pass
        await raw.ws.close()
    sessions = nasty.server.host.directory.sessions
    async with asyncio.timeout(PATIENCE):
        while sum(len(session.connections) for session in sessions) > 1:
            await asyncio.sleep(0.01)
        while len(nasty.server.host.pump.readers) > 1:
            await asyncio.sleep(0.01)
    assert {session.log.seq for session in sessions} == {0}


def _is_large(part: Any) -> bool:
    return isinstance(part, dict) and part.get("times", 0) > 100


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({field.encode_name for kind in COMMANDS.values() for field in msgspec.structs.fields(kind)})
NEARLY_COMMANDS = st.builds(
    lambda kind, some, more: {"kind": kind, "id": "x"} | some | more,
    st.sampled_from(sorted(COMMANDS)) | st.text(max_size=5),
    st.dictionaries(st.sampled_from(FIELDS), st.text(min_size=1, max_size=5)),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), JSON_VALUES, max_size=3),
)


async def test_whatever_is_sent_as_a_command_is_answered_and_without_ok_changes_nothing():
    app = convo.App({"limits": {"commands_per_second": 1e9, "message_bytes": 100}})

    async with ChatClient(app) as chat:
        [session] = chat.directory.sessions

        @settings(deadline=None)
        @given(
            data=NEARLY_COMMANDS | JSON_VALUES, how=st.sampled_from(["parsed", "text", "cut"]), cut=st.integers(0, 99)
        )
        def check(data: Any, how: str, cut: int) -> None:
            seq = session.log.seq
            sent = data if how == "parsed" else json.dumps(data).encode()
            answer = chat.raw(sent[:cut] if how == "cut" else sent)
            assert answer.ok or (answer.error is not None and answer.error.code != "internal")
            assert answer.ok or session.log.seq == seq

        check()


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00", "\\ude00\\ud83d"])
async def test_half_a_character_arrives_as_the_sign_for_it(start, half):
    """JavaScript cuts a string anywhere, and escapes what it has cut."""
    app = convo.App()

    @app.on_message
    async def echo(message: convo.Message) -> None:
        await convo.Message(message.content).send()

    client = await (await start(app)).client()
    tab = await client.socket().connect()
    command = f'{{"kind":"message","id":"%s","content":"ab \\\\ud83d {half} \\ud83d\\ude00"}}'
    await tab.io.eio.send(f'2["command",{command % "by socket"}]')
    await tab.until(lambda: tab.has("run-ended"))
    shown = "ab \\ud83d " + "\ufffd" * half.count("u") + " \U0001f600"
    assert tab.text == shown
    path = f"api/v1/threads/{tab.hello['thread']}/commands"
    response = await client.http.post(path, content=(command % "by http").encode())
    assert response.status_code == 200
    await tab.until(lambda: tab.text == shown * 2)
