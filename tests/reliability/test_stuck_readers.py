"""Readers that take nothing, or next to nothing, cost a cursor each and nobody else anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from tests.harness.server import Server
from tests.reliability.tab import Tab
from tests.reliability.wire import EventStream, Frame, WebSocket

pytestmark = pytest.mark.timeout(300)

MEGABYTE = 1 << 20
SMALL = 2048  # bytes that a stuck reader's kernel takes for it
PIECE = 1000
PIECES_PER_SECOND = 6000
APP = f"""
import asyncio, time, convo

@convo.on_message
async def talk(message: convo.Message):
    reply, start = convo.Message(), time.monotonic()
    for number in range(int(message.content)):
        await reply.stream_token(f"{{number:0{PIECE}}}")
        if (wait := start + number / {PIECES_PER_SECOND} - time.monotonic()) > 0.005:
            await asyncio.sleep(wait)
"""


class DeafSocket(WebSocket):
    """Never reads."""

    async def frames(self) -> AsyncIterator[Frame]:
        await asyncio.Event().wait()
        yield "", b""


class SlowSocket(WebSocket):
    """Reads a byte a second."""

    async def frames(self) -> AsyncIterator[Frame]:
        while await self.wire.reader.readexactly(1):
            await asyncio.sleep(1)
        yield "", b""


class DeafStream(EventStream):
    """Never reads."""

    frames = DeafSocket.frames


class SlowStream(EventStream):
    """Reads a byte a second."""

    frames = SlowSocket.frames


async def test_readers_that_take_nothing_cost_neither_memory_nor_the_others(
    serve: Any, open_tab: Any, campaign: Any
) -> None:
    stuck = campaign.of("readers of each kind that are stuck", 10, 4)
    size = campaign.of("megabytes they are behind", 16, 6)
    pieces = size * MEGABYTE // PIECE
    server: Server = await serve(app=APP)

    async def hears_it_all(tab: Tab) -> None:
        await tab.ask(str(pieces), "question")
        assert tab.answers == ["".join(f"{number:0{PIECE}}" for number in range(pieces))]

    await hears_it_all(await open_tab(server))  # what a first time costs
    alone = max([await growth(server, hears_it_all(await open_tab(server))) for _ in range(3)])
    reader: Tab = await open_tab(server)
    for kind in (DeafSocket, SlowSocket, DeafStream, SlowStream):
        for _ in range(stuck):
            await open_tab(server, kind, beside=reader, receive_buffer=SMALL, waits=False)
    beside = await growth(server, hears_it_all(reader))
    await hears_it_all(await open_tab(server))  # another chat, while they are all still stuck

    # What the same chat takes alone differs by half from one time to the next, and more.
    assert beside < 1.5 * alone + 4 * stuck * 2 * MEGABYTE, f"{beside / MEGABYTE:.0f} MB, not {alone / MEGABYTE:.0f}"
    assert server.complaints == []


async def growth(server: Server, story: Coroutine[Any, Any, None]) -> int:
    """How many bytes more the server took at most while a story was told."""
    before = peak = server.memory
    telling = asyncio.create_task(story)
    while not telling.done():
        await asyncio.wait({telling}, timeout=0.02)
        peak = max(peak, server.memory)
    await telling
    return peak - before
