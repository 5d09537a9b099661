"""Socket Mode: events over a WebSocket that the app opens itself, so that it needs no public address.

It is not slack_sdk's client, which leaves tasks behind and tries for ever an address that has expired.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
from convo.errors import PlatformDeniedError
from slack_sdk.web.async_client import AsyncWebClient

from convo_slack.calls import slack_call
from convo_slack.requests import Receive

__all__ = ["Socket"]

logger = logging.getLogger("convo.slack")

_HEARTBEAT_SECONDS = 20.0
_LARGEST = 16 * 2**20


class Socket:
    """A connection that is renewed as Slack wishes. What nobody acknowledges in time, Slack sends again."""

    def __init__(
        self, app_token: str, client: AsyncWebClient, receive: Receive, on_connected: Callable[[bool], object]
    ) -> None:
        self._token = app_token
        self._client = client
        self._receive = receive
        self._on_connected = on_connected
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled. Raises `PlatformError` when it cannot connect."""
        last = AsyncExitStack()  # the connection before this one, which is closed once this one works
        try:
            async with aiohttp.ClientSession() as session:
                try:
                    while True:
                        stack = AsyncExitStack()
                        try:
                            socket = await self._open(session, stack)
                            await self._listen(socket, last)
                        finally:
                            await last.aclose()
                            last = stack
                finally:
                    await last.aclose()
        finally:
            self._on_connected(False)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _open(self, session: aiohttp.ClientSession, stack: AsyncExitStack) -> aiohttp.ClientWebSocketResponse:
        with slack_call("apps.connections.open"):
            answer = await self._client.apps_connections_open(app_token=self._token)
            opening = session.ws_connect(str(answer["url"]), heartbeat=_HEARTBEAT_SECONDS, max_msg_size=_LARGEST)
            return await stack.enter_async_context(opening)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse, last: AsyncExitStack) -> None:
        """Until the connection ends, or Slack wants another in its place."""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame = _frame(message.data)
            kind = frame.get("type")
            if kind == "hello":
                self._on_connected(True)
                await last.aclose()
            elif kind == "disconnect":
                if frame.get("reason") == "link_disabled":
                    raise PlatformDeniedError("Socket Mode is off: turn it on in the settings of the Slack app.")
                return
            elif isinstance(frame.get("envelope_id"), str) and isinstance(frame.get("payload"), Mapping):
                task = asyncio.create_task(self._take(socket, str(kind), frame["envelope_id"], frame["payload"]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        self._on_connected(False)

    async def _take(
        self, socket: aiohttp.ClientWebSocketResponse, kind: str, envelope_id: str, payload: Mapping[str, Any]
    ) -> None:
        if not await self._receive(kind, payload):
            return
        try:
            await socket.send_json({"envelope_id": envelope_id})
        except (ConnectionError, aiohttp.ClientError):
            logger.debug("An event could not be acknowledged: Slack sends it again")


def _frame(data: str) -> Mapping[str, Any]:
    try:
        frame = json.loads(data)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}
