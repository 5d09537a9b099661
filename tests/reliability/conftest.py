"""Visitors and their tabs, for as long as a test lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.harness.server import Server
from tests.reliability.tab import Tab
from tests.reliability.wire import Transport, Visitor, WebSocket

OpenTab = Callable[..., Awaitable[Tab]]


@pytest.fixture
async def open_tab() -> AsyncIterator[OpenTab]:
    """Opens a tab of a new visitor, or `beside` another on the same thread; `waits` until it sees the thread."""
    tabs: list[Tab] = []

    async def open_tab(
        server: Server,
        kind: type[Transport] = WebSocket,
        *,
        beside: Tab | None = None,
        waits: bool = True,
        **options: Any,
    ) -> Tab:
        visitor = beside.visitor if beside is not None else await Visitor(server.port).arrive()
        tab = Tab(visitor, kind, thread=None if beside is None else beside.thread, **options)
        tabs.append(tab)
        if waits:
            await tab.connect()
        else:
            await tab.dial()
        return tab

    yield open_tab
    results = await asyncio.gather(*(tab.hang_up() for tab in tabs), return_exceptions=True)
    for visitor in {tab.visitor for tab in tabs}:
        await visitor.leave()
    for result in results:
        if isinstance(result, BaseException):
            raise result
