"""A process that serves by https and wss, with a certificate that was made for the test."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import socketio

from tests.harness.certificate import certify

APP = """
import convo

@convo.on_message
async def answer(message):
    if message.content == "fail":
        raise ValueError("no tea")
    await convo.Message("heard " + message.content).send()
"""


class Site:
    """The server, as a client reaches it that trusts its certificate."""

    def __init__(self, url: str, certificate: Path, log: asyncio.StreamReader) -> None:
        self.url = url
        self.log = log
        self._certificate = certificate

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._certificate)

    async def logged(self, event: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                record: dict[str, Any] = json.loads(await self.log.readline())
                if event in (record.get("event"), record["level"]):
                    return record


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    app = tmp_path / "app.py"
    app.write_text(APP)
    certificate, key = certify(tmp_path, "127.0.0.1")
    flags = ("--port", "0", "--log-format", "json", "--ssl-cert", certificate, "--ssl-key", key, "--headless")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "convo_cli", "run", app, *flags, stdout=PIPE, stderr=PIPE
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(20):
            ready = json.loads(await process.stderr.readline())
        yield Site(ready["url"], certificate, process.stderr)
    finally:
        process.terminate()
        out, _ = await process.communicate()
    assert (process.returncode, out) == (0, b"")


async def test_pages_sockets_and_streams_come_encrypted(site: Site) -> None:
    assert site.url.startswith("https://127.0.0.1:")

    async with httpx.AsyncClient(verify=site.trust(), http2=True, base_url=site.url) as http:
        page = await http.get("")
        cookie = page.headers["set-cookie"]
        made = await http.post("api/v1/threads")

    assert page.http_version == "HTTP/2"
    assert "Secure" in cookie
    assert made.status_code == 201
    assert await ask(site, cookie.split(";")[0], "hi") == "heard hi"


async def test_the_log_is_an_object_a_line_with_exceptions_as_fields(site: Site) -> None:
    async with httpx.AsyncClient(verify=site.trust(), base_url=site.url) as http:
        cookie = (await http.get("")).headers["set-cookie"].split(";")[0]
    await ask(site, cookie, "fail")

    record = await site.logged("error")

    assert record["error"]["type"] == "ValueError"
    assert "no tea" in record["error"]["traceback"]


async def ask(site: Site, cookie: str, text: str) -> str:
    """Say something by a wss socket; returns the answer, or the error."""
    answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def take(batch: dict[str, Any]) -> None:
        for event in batch["events"]:
            step = event.get("step", {})
            if step.get("type") == "assistant_message" or event.get("status") == "failed":
                answered.set_result(step.get("output", ""))

    connector = aiohttp.TCPConnector(ssl=site.trust())
    async with aiohttp.ClientSession(connector=connector, headers={"Cookie": cookie}) as http:
        client = socketio.AsyncClient(http_session=http, reconnection=False)
        client.on("batch", take)
        await client.connect(
            site.url, socketio_path="/ws/socket.io", transports=["websocket"], auth={"protocol": 1, "client": "test"}
        )
        try:
            await client.call("command", {"id": "c1", "kind": "message", "content": text}, timeout=10)
            async with asyncio.timeout(10):
                return await answered
        finally:
            await client.disconnect()
