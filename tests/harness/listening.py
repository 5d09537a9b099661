"""A server in this process, on a free port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import convo
import convo_server
import pytest
from starlette.applications import Starlette

__all__ = ["Listening", "Start", "listening", "settings", "start"]


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that runs: its address, what it serves, and what ends it."""

    url: str
    asgi: Starlette
    shutdown: asyncio.Event
    task: asyncio.Task[None]


def settings(**sections: Any) -> convo.Config:
    """Of a server that tests talk to: on a free port, without a page, keeping nothing, unless `sections` say so."""
    sections["server"] = {"port": 0, "headless": True} | sections.get("server", {})
    sections["data"] = {"url": "memory"} | sections.get("data", {})
    return convo.Config(**sections)


@asynccontextmanager
async def listening(
    asgi: Any, config: convo.Config, serve: Callable[..., Any] = convo_server.serve
) -> AsyncIterator[Listening]:
    """Serves `asgi` until the end of the block."""
    shutdown = asyncio.Event()
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(asgi, config, shutdown=shutdown, on_listening=url.set_result))
    await asyncio.wait({task, url}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    try:
        yield Listening(await url, asgi, shutdown, task)
    finally:
        shutdown.set()
        await task


Start = Callable[..., Awaitable[str]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Serves an App until the test ends; returns its address, without `/` at its end."""
    async with AsyncExitStack() as stack:

        async def start(app: convo.App, **sections: Any) -> str:
            config = settings(**sections)
            server = await stack.enter_async_context(listening(convo_server.create_app(app, config), config))
            return server.url.rstrip("/")

        yield start
