from __future__ import annotations

import asyncio
import gzip
import json
import re
from typing import Any

import convo
import httpx
import pytest
from convo.principal import POLICY
from convo.protocol import COMMANDS
from convo_server import create_app, mount
from convo_server.additions import Additions
from convo_server.page import Assets, Page
from convo_server.policy import PUBLIC, ROUTES
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

PATIENCE = 30.0


class Stream:
    """An SSE response, message by message."""

    def __init__(self, response: httpx.Response) -> None:
        self.messages: list[dict[str, str]] = []
        self._lines = response.aiter_lines()

    async def until(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE):
            message: dict[str, str] = {}
            async for line in self._lines:
                if line:
                    name, _, value = line.partition(": ")
                    message[name] = value
                    continue
                self.messages.append(message)
                if text in message.get("data", ""):
                    return
                message = {}
        raise AssertionError(f"The stream ended before {text}")

    @property
    def position(self) -> str:
        return [message["id"] for message in self.messages if "id" in message][-1]

    @property
    def text(self) -> str:
        frames = [json.loads(m["data"]) for m in self.messages if m.get("event") == "batch"]
        return "".join(_text(event) for frame in frames for event in frame["events"])


def _text(event: dict[str, Any]) -> str:
    if event["kind"] == "step-opened" and event["step"]["type"] == "assistant_message":
        return str(event["step"].get("output", ""))
    return str(event["text"]) if event["kind"] == "step-delta" else ""


async def test_a_thread_is_begun_steered_and_read_by_plain_http(start, app, numbers):
    client = await (await start(app)).client()
    created = await client.post("api/v1/threads")
    assert created.status_code == 201
    path = f"api/v1/threads/{created.json()['thread']}"
    async with client.http.stream("GET", f"{path}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        await stream.until("thread")
        answer = await client.post(f"{path}/commands", json={"id": "1", "kind": "message", "content": "50"})
        assert answer.json()["ok"]
        await stream.until("run-ended")
    assert stream.text == numbers(50)
    snapshot = (await client.http.get(path)).json()
    assert [step.get("output") for step in snapshot["state"]["steps"]] == ["50", numbers(50)]


@pytest.mark.parametrize("way", ["header", "query"])
async def test_an_event_stream_goes_on_from_its_last_event_id(start, app, numbers, way):
    client = await (await start(app)).client()
    path = f"api/v1/threads/{(await client.post('api/v1/threads')).json()['thread']}"
    async with client.http.stream("GET", f"{path}/events") as response:
        before = Stream(response)
        await before.until("thread")
        await client.post(f"{path}/commands", json={"id": "1", "kind": "message", "content": "100"})
        await before.until("40 ")
    options = (
        {"headers": {"Last-Event-ID": before.position}} if way == "header" else {"params": {"after": before.position}}
    )
    async with client.http.stream("GET", f"{path}/events", **options) as response:
        after = Stream(response)
        await after.until("run-ended")
    assert not any(message.get("event") == "snapshot" and "id" in message for message in after.messages)
    assert before.text + after.text == numbers(100)


async def test_errors_of_the_api_are_typed(start, app):
    server = await start(app, limits={"frame_bytes": 2000, "message_bytes": 1000})
    client = await server.client()
    thread = f"api/v1/threads/{(await client.post('api/v1/threads')).json()['thread']}"
    commands = f"{thread}/commands"
    cases = [
        (client.http.get("nothing"), 404, "not-found"),
        (client.http.get("api/v1/threads/none"), 404, "not-found"),
        (client.http.get("api/v1/threads/none/events"), 404, "not-found"),
        (client.http.put(thread), 405, "unsupported"),
        (client.http.get(f"{thread}/events?after=x"), 400, "invalid"),
        (client.http.get(f"{thread}/events?after=x:-1"), 400, "invalid"),
        (client.http.post("api/v1/threads", content="[" * 1500), 400, "invalid"),
        (client.http.post("api/v1/threads", json={"thread": "mine"}), 400, "invalid"),
        (client.http.post(commands, content="{"), 400, "invalid"),
        (client.http.post(commands, content=b"\xff"), 400, "invalid"),
        (client.http.post(commands, content="x" * 3000), 413, "too-large"),
        (client.post(commands, json={"kind": "dance", "id": "1"}), 501, "unsupported"),
    ]
    for request, status, code in cases:
        response = await request
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
    answer = await client.post(commands, json={"kind": "message", "id": "1", "content": "x" * 1001})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")
    foreign = await client.http.post(
        commands, json={"kind": "stop", "id": "1"}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.json()["code"] == "unauthenticated"


async def test_requests_have_a_rate(start, app):
    client = await (await start(app, limits={"commands_per_second": 2})).client()
    responses = [await client.post("api/v1/threads") for _ in range(8)]
    refused = [response for response in responses if response.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1


async def test_an_app_is_mounted_below_a_path_and_lives_with_its_parent(start, numbers):
    said: list[str] = []
    app = convo.App({"server": {"headless": True}})
    app.on_app_startup(lambda: said.append("up"))
    app.on_app_shutdown(lambda: said.append("down"))

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("here").send()

    parent = Starlette(routes=[Route("/", lambda request: PlainTextResponse("parent"))])
    mount(parent, app, "/deep/chat")
    server = await start(app, parent)
    assert said == ["up"]
    client = await server.client()
    assert (await client.http.get("")).text == "parent"
    client.url = f"{server.url}deep/chat/"
    page = await client.http.get("deep/chat/")
    assert page.json()["api"] == "/deep/chat/api/v1"
    assert "path=/deep/chat" in page.headers["set-cookie"].lower()
    cookie = page.headers["set-cookie"].split(";")[0]
    tab = await client.socket().connect(cookie=cookie)
    await tab.ask("1")
    assert tab.text == "here"
    await client.close()
    await server.stop()
    assert said == ["up", "down"]


@pytest.mark.parametrize("prefix", ["", "chat/"])
async def test_a_proxy_may_strip_the_root_path_or_leave_it(start, app, prefix):
    server = await start(app, server={"root_path": "/chat"})
    origin = server.url.removesuffix("chat/")
    async with httpx.AsyncClient(base_url=origin) as http:
        page = await http.get(prefix)
        assert page.json()["socket"] == "/chat/ws/socket.io"
        assert (await http.get(f"{prefix}health")).json() == {"status": "ok"}
        assert (await http.get(f"{prefix}ready")).json() == {"status": "ready"}


async def test_a_headless_server_has_no_page(start, app):
    client = await (await start(app)).client()
    assert (await client.http.get("")).headers["content-type"] == "application/json"
    assert (await client.http.get("assets/x.js")).status_code == 404


HTML = '<base href="{{root}}/"><title>{{title}}</title><script nonce="{{nonce}}">{{config}}</script>'


async def test_the_page_is_filled_in_and_guarded(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(HTML)
    (tmp_path / "drawing.html").write_text(HTML)
    (tmp_path / "assets" / "a-1.js").write_text("plain")
    (tmp_path / "assets" / "a-1.js.br").write_bytes(b"brotli")
    (tmp_path / "assets" / "a-1.js.gz").write_bytes(b"gzip")
    (tmp_path / "assets" / "viewer-1.mjs").write_bytes(b"x" * 300_000)
    (tmp_path / "assets" / "twins-1.js.br").write_bytes(b"brotli")
    (tmp_path / "assets" / "twins-1.js.gz").write_bytes(gzip.compress(b"plain"))
    (tmp_path / "secret.txt").write_text("secret")
    app = convo.App({"project": {"name": "</script>{{nonce}}<b>"}, "server": {"headless": True}})
    web = create_app(app)
    page = Page(web.state.host, Assets.read(tmp_path))
    web.router.routes[:0] = [
        Route("/page", page.page),
        Route("/files/{name:path}", page.asset),
        Route("/frames/{name}", page.frame),
    ]
    transport = httpx.ASGITransport(web)
    async with web.router.lifespan_context(web), httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        first, second = await http.get("/page"), await http.get("/page")
        policy = first.headers["content-security-policy"]
        nonce = policy.split("'nonce-")[1].split("'")[0]
        assert f'nonce="{nonce}"' in first.text
        assert nonce not in second.text
        assert "<title>&lt;/script&gt;{{nonce}}&lt;b&gt;</title>" in first.text
        assert first.text.count("</script>") == 1
        assert "unsafe" not in policy
        assert "httponly" in first.headers["set-cookie"].lower()
        assert "samesite=lax" in first.headers["set-cookie"].lower()
        assert first.headers["set-cookie"].split(";")[0] == second.headers["set-cookie"].split(";")[0]
        for accepted, encoding in (("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("", None)):
            asset = await http.send(_raw(http, accepted), stream=True)
            assert asset.headers.get("content-encoding") == encoding
            assert "immutable" in asset.headers["cache-control"]
            assert asset.headers["content-type"].startswith("text/javascript")
            await asset.aclose()
        frame = await http.get("/frames/drawing")
        policy = frame.headers["content-security-policy"].split("; ")
        assert "sandbox allow-scripts" in policy
        assert "default-src 'none'" in policy
        assert not any("unsafe" in part for part in policy if not part.startswith("style-src"))
        assert re.search(r'<script nonce="([^"]+)"', frame.text)[1] in frame.headers["content-security-policy"]
        for name in ("index", "secret", "drawing.html", "nothing"):
            assert (await http.get(f"/frames/{name}")).status_code == 404
        for accepted in ("", "gzip"):
            unpacked = await http.get("/files/twins-1.js", headers={"Accept-Encoding": accepted})
            assert unpacked.text == "plain"
            assert unpacked.headers.get("content-encoding", "") == accepted
        large = await http.get("/files/viewer-1.mjs")
        assert large.content == b"x" * 300_000
        assert large.headers["content-type"].startswith("text/javascript")
        for name in ("../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "a-1.js.br", "", "/etc/passwd"):
            assert (await http.get(f"/files/{name}")).status_code == 404


def _raw(http: httpx.AsyncClient, accepted: str) -> httpx.Request:
    return http.build_request("GET", "/files/a-1.js", headers={"Accept-Encoding": accepted})


async def test_every_route_and_every_command_has_a_policy(app):
    app.configure(flags={"server": {"headless": True}})
    names = {route.name for route in create_app(app).routes if not isinstance(route, Additions)}
    assert names == ROUTES.keys() | PUBLIC
    assert not ROUTES.keys() & PUBLIC
    assert set(ROUTES.values()) <= POLICY.keys()
    assert COMMANDS.keys() <= POLICY.keys()


async def test_a_bug_answers_with_an_id_and_no_traceback(start, app, caplog):
    app.configure(flags={"server": {"headless": True}})
    web = create_app(app)

    async def bug(request: Request) -> None:
        raise ZeroDivisionError("secret")

    web.router.routes.append(Route("/bug", bug))
    client = await (await start(app, web)).client()
    response = await client.http.get("bug")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert "secret" not in response.text
    assert response.json()["text"].split("error ")[1][:8] in caplog.text


async def test_a_client_that_leaves_in_the_middle_of_its_request_is_nobodys_fault(start, app, caplog):
    server = await start(app)
    client = await server.client()
    url = httpx.URL(server.url)
    caplog.set_level("INFO")
    _, writer = await asyncio.open_connection(url.host, url.port)
    host = f"Host: {url.host}:{url.port}\r\nCookie: {client.cookie}"
    writer.write(f"POST /api/v1/threads HTTP/1.1\r\n{host}\r\nContent-Length: 9\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    async with asyncio.timeout(PATIENCE):
        while "left in the middle" not in caplog.text:
            await asyncio.sleep(0.01)
    assert "Traceback" not in caplog.text


async def test_a_program_that_is_not_known_hears_what_to_send_and_a_page_what_to_do(start, app):
    for headless, mend, key in (
        (True, "Send a token, as `Authorization: Bearer …`.", {}),
        (False, "Reload the page.", {"key": "unknownPage"}),
    ):
        client = await (await start(app, server={"headless": headless})).client()
        refused = await client.http.post("api/v1/threads", headers={"Cookie": ""})
        text = f"The server does not know who you are. {mend}"
        assert refused.json() == {"code": "unauthenticated", "text": text} | key


async def test_only_an_origin_that_can_be_named_is_told_how(start, app, caplog):
    client = await (await start(app)).client()
    for origin, is_told in (("null", False), ("http://[", False), ("https://evil.example", True)):
        response = await client.http.post("api/v1/threads", headers={"Origin": origin})
        assert response.json()["code"] == "unauthenticated"
        assert ("allowed_origins" in caplog.text) is is_told


async def test_the_page_has_a_microphone_where_the_app_listens_and_a_frame_where_it_is_allowed(tmp_path):
    (tmp_path / "index.html").write_text(HTML)
    allowed = ["https://shop.example", "http://localhost:3000/"]

    async def headers(app):
        web = create_app(app)
        page = Page(web.state.host, Assets.read(tmp_path))
        web.router.routes[:0] = [Route("/page", page.page)]
        transport = httpx.ASGITransport(web)
        async with (
            web.router.lifespan_context(web),
            httpx.AsyncClient(transport=transport, base_url="http://test") as http,
        ):
            return (await http.get("/page")).headers

    deaf = convo.App({"server": {"headless": True, "allowed_origins": allowed}})
    got = await headers(deaf)
    assert "microphone=()" in got["permissions-policy"]
    assert got["content-security-policy"].endswith("frame-ancestors 'self' http://localhost:3000 https://shop.example")

    assert "media-src 'self' https: http: blob:; frame-src 'self' https://www.y" in got["content-security-policy"]

    listens = convo.App({"server": {"headless": True}})
    listens.on_audio_chunk(lambda chunk: None)
    got = await headers(listens)
    assert "microphone=(self)" in got["permissions-policy"]
    assert got["content-security-policy"].endswith("frame-ancestors 'self'")

    off = convo.App({"server": {"headless": True}, "features": {"audio": {"enabled": False}}})
    off.on_audio_chunk(lambda chunk: None)
    assert "microphone=()" in (await headers(off))["permissions-policy"]
