"""The wire below the protocol: Socket.IO on Engine.IO, as convo needs them."""

from __future__ import annotations

import asyncio
import logging
import time
import weakref
from typing import Any

import engineio
import msgspec
import socketio
from engineio.packet import PING, Packet

__all__ = ["NAMESPACE", "create_wire"]

NAMESPACE = "/"


def create_wire(*, frame_bytes: int) -> Any:
    """A Socket.IO server for one namespace, which takes frames of at most `frame_bytes`."""
    log = _Log(logging.getLogger("convo_server.wire"), {})
    return _SocketIO(
        async_mode="asgi",
        json=_Json,
        logger=log,
        engineio_logger=log,
        async_handlers=False,  # commands of one client are done in the order they came in
        namespaces=[NAMESPACE],
        cors_allowed_origins=[],  # no check of its own: `Origins` is the one check, when a socket connects
        http_compression=False,
        max_http_buffer_size=frame_bytes,
    )


class _SocketIO(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio has no types
    def _engineio_server_class(self) -> type:
        return _EngineIO


class _EngineIO(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio has no types
    """Engine.IO that forgets a closed socket at once.

    Its own ping is a task that sleeps for 25 s and holds its socket, closed or not: thousands of short visits would
    pile up. Here it is a timer that knows its socket weakly.
    """

    def start_background_task(self, target: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(target, "__name__", "") != "_send_ping":
            return super().start_background_task(target, *args, **kwargs)
        socket = target.__self__
        socket.last_ping = None
        return asyncio.get_running_loop().call_later(self.ping_interval, _ping, weakref.ref(socket))


def _ping(reference: weakref.ref[Any]) -> None:
    socket = reference()
    if socket is not None and not socket.closing and not socket.closed:
        socket.last_ping = time.time()
        socket.queue.put_nowait(Packet(PING))


class _Json:
    """What Socket.IO needs of a JSON library, by msgspec."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        try:
            return msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise ValueError(str(error)) from None


class _Log(logging.LoggerAdapter[logging.Logger]):
    """Socket.IO's own log. What it calls errors are clients' faults: ours are caught before they reach it."""

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        if self.logger.isEnabledFor(logging.DEBUG):
            super().log(logging.DEBUG, msg, *args, **kwargs)

    def info(self, msg: object, *args: Any, **kwargs: Any) -> None:
        """Called for every packet: says nothing, as fast as it can."""
