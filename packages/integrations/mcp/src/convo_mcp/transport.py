"""Transports: how a server's messages come and go, by its settings."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx2
from mcp import StdioServerParameters, stdio_client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from convo_mcp.failure import UnsetVariableError
from convo_mcp.guard import Guard
from convo_mcp.settings import ServerSettings
from convo_mcp.target import Target

__all__ = ["Watched", "open_transport"]

logger = logging.getLogger("convo_mcp.server")

REQUEST_SECONDS = 30.0
STREAM_SECONDS = 300.0
LONGEST_LINE = 2000  # of what a server says on its standard error

Streams = tuple[Any, Any]


@asynccontextmanager
async def open_transport(name: str, target: Target, authorization: httpx2.Auth | None = None) -> AsyncIterator[Streams]:
    """The streams from and to a server. Entered and left by one task; a process is gone when this is left."""
    settings = target.settings
    if settings.url is None:
        async with _started(name, settings) as streams:
            yield streams
        return
    headers = {key: value.get_secret_value() for key, value in settings.headers.items()}
    open_client = partial(_client, target)
    if settings.transport == "sse":
        async with sse_client(
            settings.url, headers, REQUEST_SECONDS, STREAM_SECONDS, open_client, authorization
        ) as streams:
            yield streams
        return
    timeout = httpx2.Timeout(REQUEST_SECONDS, read=STREAM_SECONDS)
    async with (
        open_client(headers, timeout, authorization) as http,
        streamable_http_client(settings.url, http_client=http) as streams,
    ):
        yield streams


def _client(
    target: Target,
    headers: dict[str, str] | None = None,
    timeout: httpx2.Timeout | None = None,
    auth: httpx2.Auth | None = None,
) -> httpx2.AsyncClient:
    """What all requests of a connection go by, those of signing in too."""
    if target.egress is None:
        return httpx2.AsyncClient(headers=headers, timeout=timeout, auth=auth)
    guard = Guard(target.egress, target.settings.url or "", target.query)
    return httpx2.AsyncClient(headers=headers, timeout=timeout, auth=auth, transport=guard, trust_env=False)


@asynccontextmanager
async def _started(name: str, settings: ServerSettings) -> AsyncIterator[Streams]:
    assert settings.command is not None
    parameters = StdioServerParameters(
        command=settings.command,
        args=list(settings.args),
        env=_environment(settings),
        cwd=settings.cwd,
    )
    reading, writing = os.pipe()
    said = os.fdopen(reading, "rb", buffering=0)
    with os.fdopen(writing, "w") as errors:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: _Said(name), said)
        try:
            async with stdio_client(parameters, errlog=errors) as streams:
                yield streams
        finally:
            transport.close()


def _environment(settings: ServerSettings) -> dict[str, str]:
    """What a server gets beside `PATH`, `HOME` and the like. Raises `UnsetVariableError`."""
    for name in settings.pass_env:
        if name not in os.environ:
            raise UnsetVariableError(name)
    passed = {name: os.environ[name] for name in settings.pass_env}
    return passed | {name: value.get_secret_value() for name, value in settings.env.items()}


class _Said(asyncio.Protocol):
    """What a server says on its standard error, for the app's log alone."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-LONGEST_LINE:]
        for line in lines:
            logger.info("%s: %s", self._name, line[:LONGEST_LINE].decode("utf-8", "replace"))


class Watched:
    """A stream of messages that says when it is over."""

    def __init__(self, stream: Any, on_end: Callable[[], object]) -> None:
        self._stream = stream
        self._on_end = on_end

    @property
    def last_context(self) -> Any:
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> Any:
        return await self._stream.receive()

    async def aclose(self) -> None:
        await self._stream.aclose()

    def __aiter__(self) -> Watched:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._stream.__anext__()
        except StopAsyncIteration:
            self._on_end()
            raise

    async def __aenter__(self) -> Watched:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> Any:
        return await self._stream.__aexit__(*error)
