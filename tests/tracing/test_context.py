"""A trace goes through the whole: from a client's request, through a run and its tool, to a service that it calls."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

from tests.harness.server import Server

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"

APP = """
import json, urllib.request
import convo, convo_otel
from opentelemetry import propagate
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(
    formatter=lambda span: "SPAN " + json.dumps(json.loads(span.to_json())) + "\\n"
)))
convo_otel.instrument(tracer_provider=provider)


@convo.step(type="tool")
def look_up(url: str) -> str:
    headers = {}
    propagate.inject(headers)
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers)).read().decode()


@convo.on_message
def answer(message: convo.Message) -> None:
    convo.run_sync(convo.Message(look_up(message.content)).send())
"""


class Elsewhere:
    """A service that the app calls: keeps the headers it was sent."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        seen = self.headers

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"found")

            def log_message(self, *_: Any) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    elsewhere = Elsewhere()
    thread = threading.Thread(target=elsewhere.server.serve_forever)
    thread.start()
    yield elsewhere
    elsewhere.server.shutdown()
    elsewhere.server.server_close()
    thread.join()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    (tmp_path / "app.py").write_text(APP)
    server = Server("run", "app.py", cwd=tmp_path)
    await server.start()
    yield server
    await server.end()


def sent_by(server: Server) -> tuple[dict[str, Any], dict[str, Any]]:
    """The span of the tool, and that of the run."""
    spans = [json.loads(line.removeprefix("SPAN ")) for line in server.log if line.startswith("SPAN ")]
    tool, run = (next(span for span in spans if span["name"].startswith(name)) for name in ("execute_tool", "invoke"))
    assert tool["parent_id"] == run["context"]["span_id"]
    return tool, run


async def test_a_request_is_gone_on_with(server: Server, elsewhere: Elsewhere) -> None:
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", trust_env=False) as client:
        await client.get(server.url)  # gives the visitor's cookie
        hello = (await client.post("/threads")).raise_for_status().json()
        answer = await client.post(
            f"/threads/{hello['thread']}/commands",
            json={"id": "c1", "kind": "message", "content": elsewhere.url},
            headers={"traceparent": PARENT, "tracestate": "vendor=1"},
        )
        assert answer.json()["ok"], answer.text
        await server.said('"invoke_agent ')

    tool, run = sent_by(server)
    assert run["context"]["trace_id"] == tool["context"]["trace_id"] == f"0x{TRACE}"
    assert run["parent_id"] == "0xb7ad6b7169203331"
    (sent,) = elsewhere.headers
    assert sent["traceparent"] == f"00-{TRACE}-{tool['context']['span_id'][2:]}-01"
    assert sent["tracestate"] == "vendor=1"


async def test_a_sockets_handshake_is_linked(server: Server, elsewhere: Elsewhere) -> None:
    async with httpx.AsyncClient(trust_env=False) as browser:
        page = await browser.get(server.url)
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(
        server.url,
        headers={"Cookie": page.headers["set-cookie"].split(";")[0], "traceparent": PARENT},
        socketio_path="/ws/socket.io",
        transports=["websocket"],
        auth={"protocol": 1, "client": "test"},
    )
    answer = await client.call("command", {"id": "c1", "kind": "message", "content": elsewhere.url}, timeout=10)
    assert answer["ok"], answer
    await server.said('"invoke_agent ')
    await client.disconnect()

    _, run = sent_by(server)
    assert run["parent_id"] is None
    assert [link["context"]["trace_id"] for link in run["links"]] == [f"0x{TRACE}"]
    assert run["context"]["trace_id"] != f"0x{TRACE}"
