"""convo's protocol, version 1."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from benchmarks.harness.dialects.socketio import SocketioChat, emit

__all__ = ["ConvoChat"]

RECEIVED_EVERY = 8  # batches, or the time below
RECEIVED_SECONDS = 1.0
PAGE_TURNS = 40  # of a long thread, as the web app begins with


class ConvoChat(SocketioChat):
    """Commands up, batches and snapshots down, and `received` as the web app says it."""

    path = "ws/socket.io/?EIO=4&transport=websocket"

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        super().__init__(http, url)
        self._asked = 0
        self._texts: dict[str, int] = {}  # how much of each answer is here
        self._runs: set[str] = set()
        self._unsaid: dict[str, Any] | None = None  # the last frame that was not yet said to be received
        self._batches = 0
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def _visit(self) -> dict[str, str]:
        async with self._http.get(self._url, headers={"Accept-Encoding": "gzip"}) as page:
            await page.read()
            return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in page.cookies.items())}

    def _greeting(self) -> str:
        if self.thread is None:
            return '40{"protocol":1}'
        return f'40{{"protocol":1,"thread":"{self.thread}","turns":{PAGE_TURNS}}}'

    def _question(self, text: str) -> str:
        self._asked += 1
        command = {"id": f"command-{self._asked}", "kind": "message", "content": text}
        return emit("command", command, number=self._asked)

    async def _is_welcome(self) -> None:
        """Not yet: the first snapshot is what a user sees."""

    def _hear(self, event: str, data: Any) -> None:
        if event == "hello":
            self.thread = data["thread"]
            return
        if data.get("scope") != "principal":
            if event == "batch":
                for one in data["events"]:
                    self._fold(one)
            else:
                for step in data["state"].get("steps", ()):
                    self._grow(step, step.get("output", ""))
                for run in data["state"].get("runs", ()):
                    self._end(run["id"], run["status"])
                self._connected.set()
        self._receive(data)

    def _fold(self, event: dict[str, Any]) -> None:
        kind = event["kind"]
        if kind == "step-delta":
            if event["id"] in self._texts:
                self._texts[event["id"]] += len(event["text"])
                self._reply.take(event["text"])
        elif kind == "step-opened":
            self._grow(event["step"], event["step"].get("output", ""))
        elif kind == "run-ended":
            self._end(event["id"], event["status"])

    def _grow(self, step: dict[str, Any], text: str) -> None:
        if step["type"] != "assistant_message":
            return
        have = self._texts.setdefault(step["id"], 0)
        if len(text) > have:
            self._texts[step["id"]] = len(text)
            self._reply.take(text[have:])

    def _end(self, run_id: str, status: str) -> None:
        if status in ("queued", "running") or run_id in self._runs:
            return
        if status != "done":
            raise ConnectionError(f"The run ended as {status}")
        self._runs.add(run_id)
        self._reply.end()

    # --- Received ---

    def _receive(self, frame: dict[str, Any]) -> None:
        self._batches += 1
        self._unsaid = frame
        if self._batches >= RECEIVED_EVERY or frame.get("scope") == "principal":
            self._say_received()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(RECEIVED_SECONDS, self._say_received)

    def _say_received(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        frame, self._unsaid, self._batches = self._unsaid, None, 0
        if frame is None or self._socket is None or self._socket.closed:
            return
        received = {"to": frame["to"], "log": frame["log"]}
        task = asyncio.create_task(self._send(emit("received", received)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _part(self) -> None:
        self._unsaid = None
        if self._timer is not None:
            self._timer.cancel()
