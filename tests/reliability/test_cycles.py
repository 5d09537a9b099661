"""A server that thousands have come to and left again is as it was."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.harness.server import Server
from tests.reliability.tab import Tab
from tests.reliability.wire import Visitor

pytestmark = pytest.mark.timeout(1800)

LETTERS = 50_000
VISITORS = 10
APP = """
import asyncio, gc, json, threading, convo
from convo.log import EventLog, Subscription
from convo.session import Session

@convo.on_message
async def answer(message: convo.Message):
    if message.content == "census":
        gc.collect()
        held = [type(one) for one in gc.get_objects()]
        count = {kind.__name__: held.count(kind) for kind in (Session, EventLog, Subscription)}
        count["tasks"] = len(asyncio.all_tasks())
        # Those of the loop's pool are made when there is work for them, and kept.
        count["threads"] = sum(not one.name.startswith(("asyncio_", "uvloop_")) for one in threading.enumerate())
        await convo.Message(json.dumps(count)).send()
    else:
        await convo.Message(message.content[::-1]).send()
"""


async def test_ten_thousand_chats_leave_nothing_behind(serve: Any, campaign: Any) -> None:
    cycles, warm = campaign.of("cycles", 10_000, 300), campaign.of("of them before it is measured", 500, 200)
    server: Server = await serve(app=APP, settings={"LIMITS__SESSION_TIMEOUT": "0.5"})
    await visit(server, VISITORS)
    before = await census(server)
    await visit(server, warm)
    assert await census(server, before) == before
    early = server.memory
    await visit(server, cycles - warm)
    assert await census(server, before) == before
    late = server.memory
    assert server.complaints == []
    assert late < early * 1.1, f"{late / 1e6:.1f} MB after {cycles} chats, {early / 1e6:.1f} MB after {warm}"


async def visit(server: Server, count: int) -> None:
    """As many chats with a long message each, some at a time."""

    async def chat(number: int) -> None:
        visitor = await Visitor(server.port).arrive()
        for cycle in range(number, count, VISITORS):
            tab = await Tab(visitor).connect()
            text = f"{cycle:06}" + "x" * LETTERS
            await tab.ask(text, "question")
            assert tab.answers == [text[::-1]]
            await tab.hang_up(("close", "reset")[cycle % 2])
        await visitor.leave()

    await asyncio.gather(*(chat(number) for number in range(VISITORS)))


async def census(server: Server, expected: dict[str, int] | None = None) -> dict[str, int]:
    """What lives in the server while one asks, as soon as the sessions of those who left have ended.

    What is `expected` may take a moment more: connections that were reset end by and by.
    """
    visitor = await Visitor(server.port).arrive()
    tab = await Tab(visitor).connect()
    files = Path(f"/proc/{server.pid}/fd")
    deadline = time.monotonic() + 60
    for number in range(1_000_000):
        await tab.ask("census", f"census {number}")
        count: dict[str, int] = json.loads(tab.answers[-1])
        count["files"] = len(list(files.iterdir()))
        if (count["Session"] == 1 and expected in (None, count)) or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.1)
    await tab.leave()
    return count
