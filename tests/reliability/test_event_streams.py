"""Event streams as any program reads them: by lines, and by curl. Cut in the middle, they go on where they were."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from tests.harness.network import Connect, Network
from tests.harness.server import Serve

PATIENCE = 60
CUTS = 4
LAST = 1500
TEXT = "".join(f"{number} " for number in range(LAST))
APP = """
import asyncio
import convo

@convo.on_message
async def count(message):
    for number in range(int(message.content)):
        yield f"{number} "
        await asyncio.sleep(0.001)
"""
Go = Callable[[str], dict[str, Any]]
"""How a request says from where: arguments of `httpx`."""
BY_HEADER: Go = lambda position: {"headers": {"Last-Event-ID": position}}  # noqa: E731
BY_QUERY: Go = lambda position: {"params": {"after": position}}  # noqa: E731


class Fold:
    """What a program has of a thread. Takes messages, each as its lines."""

    def __init__(self) -> None:
        self.position = ""
        self.text = ""
        self.snapshots = 0
        self.is_over = False
        self._answers: set[str] = set()

    def take(self, lines: list[str]) -> None:
        fields = dict(line.split(": ", 1) for line in lines)
        if "id" not in fields:  # a greeting, or what is of no thread
            return
        log, _, to = fields["id"].rpartition(":")
        data = json.loads(fields["data"])
        assert (data["log"], data["to"]) == (log, int(to))
        if fields["event"] == "snapshot":
            self.snapshots += 1
        else:
            assert f"{log}:{data['from'] - 1}" == self.position, "a gap, or a double"
        self.position = fields["id"]
        for event in data.get("events", ()):
            self._see(event)

    def _see(self, event: dict[str, Any]) -> None:
        if event["kind"] == "step-opened" and event["step"]["type"] == "assistant_message":
            self._answers.add(event["step"]["id"])
            self.text += event["step"].get("output", "")
        elif event["kind"] == "step-delta" and event["id"] in self._answers:
            self.text += event["text"]
        self.is_over = self.is_over or event["kind"] == "run-ended"


@pytest.fixture
async def network(serve: Serve, connect: Connect) -> Network:
    return await connect(await serve("--headless", app=APP))


@pytest.fixture
async def http(network: Network) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor's, who came through the network: the cookie has the name of its port."""
    async with httpx.AsyncClient(base_url=network.url, timeout=PATIENCE) as http:
        assert (await http.get("/")).status_code == 200
        yield http


async def begin(http: httpx.AsyncClient) -> str:
    created = await http.post("/api/v1/threads")
    assert created.status_code == 201, created.text
    return f"/api/v1/threads/{created.json()['thread']}"


async def ask(http: httpx.AsyncClient, thread: str) -> None:
    answer = await http.post(f"{thread}/messages", json={"content": str(LAST)})
    assert answer.status_code == 200, answer.text


async def messages(lines: AsyncIterator[str]) -> AsyncIterator[list[str]]:
    """Those that came whole, without what only keeps a connection alive."""
    message: list[str] = []
    async for line in lines:
        if line and not line.startswith(":"):
            message.append(line)
        elif not line and message:
            yield message
            message = []


async def agree(http: httpx.AsyncClient, thread: str, fold: Fold) -> None:
    """The text is exact, and what everybody has who comes later."""
    [said] = [
        step["output"]
        for step in (await http.get(thread)).json()["state"]["steps"]
        if step["type"] == "assistant_message"
    ]
    assert fold.text == said == TEXT


@pytest.mark.parametrize("from_there", [BY_HEADER, BY_QUERY], ids=["Last-Event-ID", "after"])
async def test_lines_read_over_cuts_join_without_gap_or_double(
    network: Network, http: httpx.AsyncClient, from_there: Go
) -> None:
    thread, fold, cuts = await begin(http), Fold(), 0
    async with asyncio.timeout(PATIENCE):
        while not fold.is_over:
            position = from_there(fold.position) if fold.position else {}
            try:
                async with http.stream("GET", f"{thread}/events", **position) as response:
                    assert response.status_code == 200, await response.aread()
                    async for message in messages(response.aiter_lines()):
                        fold.take(message)
                        if fold.snapshots == 1 and not fold.text and not cuts:
                            cuts += 1
                            await ask(http, thread)
                        if cuts <= CUTS and len(fold.text) > 1000 * cuts:
                            cuts += 1
                            network.cut()
                            network.mend()
                        if fold.is_over:
                            break
            except httpx.TransportError:
                continue
    assert (cuts, fold.snapshots) == (CUTS + 1, 1)
    await agree(http, thread, fold)


async def test_curl_goes_on_where_it_was_cut_off(network: Network, http: httpx.AsyncClient) -> None:
    assert shutil.which("curl") is not None, "This test needs curl: apt-get install -y --no-install-recommends curl"
    thread, fold = await begin(http), Fold()
    cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    curl = ["curl", "-sSN", "--fail", "-H", f"Cookie: {cookie}", f"{network.url}{thread}/events"]

    async def read(*more: str, until: Callable[[], bool]) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(*curl, *more, stdout=asyncio.subprocess.PIPE, limit=1 << 24)
        assert process.stdout is not None
        lines = (line.decode().rstrip("\n") async for line in process.stdout)
        has_asked = bool(fold.position)
        async for message in messages(lines):
            fold.take(message)
            if not has_asked and fold.position:
                has_asked = True
                await ask(http, thread)
            if until():
                break
        return process

    async with asyncio.timeout(PATIENCE):
        first = await read(until=lambda: len(fold.text) > 2000)
        network.cut()
        network.mend()
        assert await first.wait() in (18, 56), "cut off"
        second = await read("-H", f"Last-Event-ID: {fold.position}", until=lambda: fold.is_over)
        second.kill()
        await second.wait()
    assert fold.snapshots == 1
    await agree(http, thread, fold)
