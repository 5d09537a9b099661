"""What a tab of convo's web app does beside asking: it loses its socket, comes back, stops a run and hears notices."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import aiohttp
import msgspec

from benchmarks.harness.chat import PATIENCE
from benchmarks.harness.dialects.convo import ConvoChat
from benchmarks.harness.dialects.socketio import emit

__all__ = ["Tab"]


class Tab(ConvoChat):
    """A chat that knows where it stands."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        super().__init__(http, url)
        self._session: dict[str, Any] = {}  # what it connects with again
        self._is_stopping = False
        self._waiting: dict[str, asyncio.Future[float]] = {}

    async def cut(self) -> None:
        """Lose the socket in the middle of whatever comes: neither side says goodbye."""
        assert self._socket is not None
        assert self._reader is not None
        self._part()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        self._socket.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        await self._socket.close()
        self._connected.clear()

    async def stop(self) -> float:
        """Stop what is running. Returns the seconds until it has ended, as this tab sees it."""
        self._is_stopping = True
        start = time.perf_counter()
        await self._send(emit("command", {"id": f"stop-{start}", "kind": "stop"}, number=0))
        await self._until(self._reply.ended)
        return time.perf_counter() - start

    async def hears(self, kind: str) -> float:
        """When the next event of this kind has come, by `time.monotonic`."""
        self._waiting[kind] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(PATIENCE):
            return await self._waiting[kind]

    def _greeting(self) -> str:
        return f"40{msgspec.json.encode({'protocol': 1} | self._session).decode()}"

    def _hear(self, event: str, data: Any) -> None:
        if event == "hello":
            self._session |= {"session": data["session"], "thread": data["thread"]}
            return
        if data.get("scope") != "principal":
            if event == "batch" and data["from"] != self._session["after"] + 1:
                raise ConnectionError(f"A batch begins at {data['from']} after {self._session['after']}")
            self._session |= {"log": data["log"], "after": data["to"]}
        for one in data.get("events", ()):
            if one["kind"] in self._waiting:
                self._waiting.pop(one["kind"]).set_result(time.monotonic())
        super()._hear(event, data)
        self._connected.set()

    def _end(self, run_id: str, status: str) -> None:
        super()._end(run_id, "done" if status == "stopped" and self._is_stopping else status)
