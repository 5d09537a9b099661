"""Servers that users bring: by an address that the settings allow, and never into a private network."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import convo
import httpx2
import pytest
from convo.config import OwnServers
from convo.dispatcher import dispatch
from convo.memory import MemoryDataLayer
from convo.principal import Principal
from convo.protocol import CommandError, McpAdd, McpConnect, McpDisconnect, new_id
from convo.run import Client
from convo_mcp import guard
from convo_mcp.own import check_address

from tests.harness.certificate import certify
from tests.harness.server import free_port

from .conftest import Chat, answering, opened, refused, serving

PUBLIC = "93.184.215.14"


def make_app(*allow: str, **own: Any) -> convo.App:
    """One whose users may bring servers of this machine, unless `own` says otherwise."""
    table = {"allow": list(allow), "allow_private_hosts": True, "approval": "allow", **own}
    return answering(convo.App({"debug": True, "mcp": {"own": table}}))


async def add(chat: Chat, url: str, transport: Literal["http", "sse"] = "http") -> str:
    """Bring a server; the name it goes by, once it is there or not."""
    answer = await chat.command(McpAdd(id=new_id(), url=url, transport=transport))
    name = str(answer.data["name"])
    await chat.until(lambda: chat.server(name).state in ("connected", "failed", "needs-sign-in"))
    return name


@pytest.mark.parametrize("transport", ["http", "sse"])
async def test_a_user_brings_a_server_by_its_address(transport: Literal["http", "sse"]) -> None:
    with serving(transport, free_port()) as url:
        async with opened(make_app("http://127.0.0.1:*")) as chat:
            assert (await chat.info()).mcp_own
            assert not (await chat.info()).mcp
            name = await add(chat, url, transport)
            assert name == "127.0.0.1"
            server = chat.server(name)
            assert (server.state, server.own) == ("connected", True), server
            assert (await chat.send("forecast Kiel")).content == "Rain in Kiel."

            await chat.command(McpDisconnect(id=new_id(), name=name))
            assert chat.state.fields["mcp"] == {}
            assert await refused(chat, McpConnect(id=new_id(), name=name)) == "not-found"


async def test_nobody_brings_a_server_unless_the_settings_say_so(url: str) -> None:
    for app in (convo.App(), convo.App({"mcp": {"servers": {"weather": {"url": url}}}}), make_app()):
        async with opened(app) as chat:
            assert not (await chat.info()).mcp_own
            assert await refused(chat, McpAdd(id=new_id(), url=url)) == "unsupported"
            assert chat.state.fields.get("mcp") is None


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("tools.example", "https://other.example/mcp"),
        ("tools.example", "http://tools.example/mcp"),
        ("tools.example", "https://tools.example:8443/mcp"),
        ("tools.example", "https://tools.example.evil.example/mcp"),
        ("tools.example", "https://eviltools.example/mcp"),
        ("tools.example", "https://a.tools.example/mcp"),
        ("*.tools.example", "https://tools.example/mcp"),
        ("*.tools.example", "https://evil.example/.tools.example"),
        ("https://tools.example/mcp", "https://tools.example/"),
        ("https://tools.example/mcp", "https://tools.example/mcpother"),
        ("http://tools.example", "https://tools.example/"),
        ("127.0.0.1", "https://2130706433/"),
        ("*", "http://tools.example/"),
    ],
)
async def test_an_address_that_the_settings_do_not_allow_is_refused(allowed: str, url: str) -> None:
    async with opened(make_app(allowed)) as chat:
        with pytest.raises(CommandError) as caught:
            await chat.command(McpAdd(id=new_id(), url=url))
        failure = caught.value.failure
        assert (failure.code, failure.key, failure.details) == ("invalid", "mcpNotAllowed", {"allowed": [allowed]})
        assert chat.state.fields.get("mcp") is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tools.example",
        "/mcp",
        "//tools.example/mcp",
        "ftp://tools.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///mcp",
        "https://user:secret@tools.example/",
        "https://tools.example@evil.example/",
        "https://tools.example/mcp#there",
        "https://tools.example/mcp/%2e%2e/admin",
        "https://tools.example/mcp%2f..%2fadmin",
        "https://tools.example\\@evil.example/",
        "https://tools.example/\r\nX: y",
        "https://tools.example /",
        "https://[::1/",
        "https://tools.example:99999999/",
        "https://tools.example/" + "x" * 2048,
        "python -m evil",
    ],
)
async def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    async with opened(make_app("*", "http://*:*")) as chat:
        with pytest.raises(CommandError) as caught:
            await chat.command(McpAdd(id=new_id(), url=url))
        assert (caught.value.failure.code, caught.value.failure.key) == ("invalid", "mcpAddress")
        assert chat.state.fields.get("mcp") is None


@pytest.fixture
def lead(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Where names lead, one address after the other; the last one stays."""
    leading: dict[str, list[str]] = {}
    real = asyncio.BaseEventLoop.getaddrinfo

    async def look_up(self: Any, host: Any, port: Any, **options: Any) -> Any:
        if str(host) not in leading:
            return await real(self, host, port, **options)
        addresses = leading[str(host)]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    return leading


class Listener:
    """A port of this machine that counts who comes; `answer` is what each gets."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.heard: list[bytes] = []

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def listening(
    answer: bytes = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Any]:
    listener = Listener(answer)
    async with await asyncio.start_server(listener.hear, "127.0.0.1", 0, ssl=tls) as server:
        yield listener, server.sockets[0].getsockname()[1]


async def barred(chat: Chat, url: str) -> str:
    """Bring a server that may not be asked; what its author reads."""
    name = await add(chat, url)
    server = chat.server(name)
    assert (server.state, server.reason) == ("failed", "not-allowed"), server
    return server.detail or ""


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "2130706433"]
)
async def test_a_private_address_is_refused(host: str) -> None:
    async with opened(make_app("http://*:*", allow_private_hosts=False)) as chat:
        said = await barred(chat, f"http://{host}:9/mcp")
        assert "in a private network" in said
        assert "`mcp.own.allow_private_hosts`" in said


async def test_a_name_that_leads_into_a_private_network_is_refused(lead: dict[str, list[str]]) -> None:
    async with listening() as (listener, port), opened(make_app("http://*:*", allow_private_hosts=False)) as chat:
        lead["tools.example"] = ["127.0.0.1"]
        await barred(chat, f"http://tools.example:{port}/mcp")
        assert not listener.heard


async def test_what_was_checked_is_what_is_asked(lead: dict[str, list[str]], url: str) -> None:
    """A second answer of a name server, which would lead elsewhere, is never asked for."""
    lead["localhost"] = ["127.0.0.1", "127.0.0.99"]
    async with opened(make_app("http://localhost:*")) as chat:
        name = await add(chat, url.replace("127.0.0.1", "localhost"))
        assert chat.server(name).state == "connected", chat.server(name)
        assert (await chat.send("forecast Kiel")).content == "Rain in Kiel."
    assert lead["localhost"] == ["127.0.0.99"]


async def test_who_answers_must_be_of_the_name(
    lead: dict[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is what is connected to, and the name is what its certificate must be for."""
    certificate, key = certify(tmp_path, "tools.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    lead |= {"tools.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]}
    async with listening(tls=tls) as (listener, port), opened(make_app("*:*")) as chat:
        other = await add(chat, f"https://other.example:{port}/mcp")
        assert chat.server(other).reason == "unreachable"
        assert not listener.heard
        await add(chat, f"https://tools.example:{port}/mcp")
        assert f"Host: tools.example:{port}".lower().encode() in listener.heard[0].lower()


async def test_a_name_is_checked_anew_for_each_connection(lead: dict[str, list[str]]) -> None:
    """First it leads out, where nobody answers; then in, which was the point of it."""
    lead["tools.example"] = [PUBLIC, "127.0.0.1"]
    async with listening() as (listener, port), opened(make_app("http://*:*", allow_private_hosts=False)) as chat:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("httpx2.AsyncHTTPTransport.handle_async_request", _nobody)
            name = await add(chat, f"http://tools.example:{port}/mcp")
        assert chat.server(name).reason == "unreachable"
        await chat.command(McpConnect(id=new_id(), name=name))
        await chat.until(lambda: chat.server(name).reason == "not-allowed")
        assert not listener.heard


async def _nobody(self: Any, request: Any) -> Any:
    assert request.url.host == PUBLIC
    raise httpx2.ConnectError("nobody there", request=request)


@pytest.mark.parametrize("transport", ["http", "sse"])
async def test_a_redirect_leads_nowhere_else(transport: Literal["http", "sse"], lead: dict[str, list[str]]) -> None:
    async with listening() as (inside, port):
        away = (
            f"HTTP/1.1 307 Away\r\nLocation: http://127.0.0.1:{port}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        async with listening(away.encode()) as (outside, open_port), opened(make_app("http://*:*")) as chat:
            lead["tools.example"] = ["127.0.0.1"]
            name = await add(chat, f"http://tools.example:{open_port}/mcp", transport)
            assert chat.server(name).state == "failed"
            assert outside.heard
            assert not inside.heard


async def test_an_answer_that_does_not_end_is_broken_off() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + b" " * 20_000
    async with listening(endless) as (_, port), opened(make_app("http://127.0.0.1:*")) as chat:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(guard, "MOST_BYTES", 10_000)
            name = await add(chat, f"http://127.0.0.1:{port}/mcp")
        assert chat.server(name).state == "failed"


async def test_names_are_the_apps_and_a_chat_has_only_so_many(url: str) -> None:
    async with opened(make_app("http://127.0.0.1:*", most=2)) as chat:
        first = await add(chat, url)
        assert await add(chat, url) == first  # the same one
        second = await add(chat, f"http://127.0.0.1:{free_port()}/mcp")
        assert (first, second) == ("127.0.0.1", "127.0.0.1 (2)")
        assert await refused(chat, McpAdd(id=new_id(), url=f"{url}/more")) == "conflict"
        await chat.command(McpDisconnect(id=new_id(), name=second))
        assert await add(chat, f"{url}/more") == second


async def test_a_server_of_ones_own_asks_before_a_tool_is_used(url: str) -> None:
    async with opened(make_app("http://127.0.0.1:*", approval="ask")) as chat:
        await add(chat, url)
        run = await chat.post("forecast Kiel")
        await chat.choose("Deny")
        assert "did not allow" in (await chat.reply(run)).content


async def test_a_secret_in_an_address_goes_to_its_server_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with listening() as (listener, port), opened(make_app("http://127.0.0.1:*")) as chat:
        name = await add(chat, f"http://127.0.0.1:{port}/mcp?key=s3cret")
        assert b"POST /mcp?key=s3cret HTTP/1.1" in listener.heard[0]
        assert "s3cret" not in caplog.text
        assert "s3cret" not in repr(chat.server(name))


async def test_a_server_of_ones_own_is_nobody_elses(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    secret = f"{url}?key=s3cret"
    app = make_app("http://127.0.0.1:*")
    async with opened(app) as chat:
        name = await add(chat, secret)
        assert chat.server(name).state == "connected"
        await chat.send("forecast Kiel")
        assert "s3cret" not in repr(chat.state.view())  # nor does another tab of his see it
        other = await chat.new_chat()
        assert other.state.fields.get("mcp") is None
        for command in (McpConnect, McpDisconnect):
            assert await refused(other, command(id=new_id(), name=name)) == "not-found"
        assert "s3cret" not in caplog.text


async def test_only_whose_chat_it_is_brings_servers(url: str) -> None:
    async with opened(make_app("http://127.0.0.1:*")) as chat:
        guest = Principal(new_id())
        with pytest.raises(CommandError):
            await chat.resume(chat.thread_id, guest)
        session = chat.directory.live(chat.thread_id)
        assert session is not None
        session.participants.add(guest.id)  # as a chat platform lets somebody into a place
        answer = dispatch(session, McpAdd(id=new_id(), url=url), guest, Client(principal_id=guest.id))
        assert answer.error is not None
        assert answer.error.code == "not-found"
        assert chat.state.fields.get("mcp") is None


async def test_a_server_of_ones_own_is_there_when_the_chat_is_resumed(url: str) -> None:
    layer, me = MemoryDataLayer(), Principal(new_id())
    async with opened(make_app("http://127.0.0.1:*"), data_layer=layer, principal=me) as chat:
        name = await add(chat, url)
        await chat.send("forecast Kiel")
        thread = chat.thread_id

    async with opened(make_app("http://127.0.0.1:*"), data_layer=layer, principal=me, thread=thread) as chat:
        await chat.until(lambda: chat.server(name).state == "connected")
        assert chat.server(name).own
        assert (await chat.send("forecast Rome")).content == "Rain in Rome."

    async with opened(make_app("https://tools.example"), data_layer=layer, principal=me, thread=thread) as chat:
        assert chat.state.fields["mcp"] == {}  # it is not allowed any more
        assert await refused(chat, McpConnect(id=new_id(), name=name)) == "not-found"


@pytest.mark.parametrize(
    "pattern", ["ftp://tools.example", "https://", "*tools.example", "a.*.example", "https://a.example/*", "a b"]
)
def test_patterns_that_make_no_sense_are_refused(pattern: str) -> None:
    with pytest.raises(convo.ConfigError, match="neither a host"):
        make_app(pattern).configure()


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("tools.example", "https://TOOLS.example/mcp"),
        ("tools.example", "https://tools.example:443/"),
        ("*.tools.example", "https://a.b.tools.example/mcp?key=x"),
        ("https://tools.example/mcp/", "https://tools.example/mcp"),
        ("https://tools.example/mcp", "https://tools.example/mcp/a"),
        ("tools.example:*", "https://tools.example:8443/"),
        ("http://[::1]:8000", "http://[::1]:8000/mcp"),
        ("*", "https://anything.example/"),
    ],
)
def test_an_address_that_the_settings_allow_is_taken(allowed: str, url: str) -> None:
    assert check_address(url, OwnServers(allow=(allowed,))).lower() == url.lower().replace(":443", "")  # type: ignore[call-arg]
