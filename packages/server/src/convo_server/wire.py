"""The wire below the protocol: Socket.IO on Engine.IO, as convo needs them."""

from __future__ import annotations

import asyncio
import logging
import time
import urllib.parse
import weakref
from typing import Any

import engineio
import msgspec
import socketio
import socketio.packet
from convo.protocol import decode_json
from engineio.packet import NOOP, PING, Packet
from engineio.payload import Payload
from starlette.types import Receive, Scope, Send

__all__ = ["MALFORMED", "NAMESPACE", "create_wire"]

NAMESPACE = "/"
MALFORMED = ""
"""The event that every malformed event is taken for, so that whoever waits for an answer gets one."""
PACKETS = 1000  # in one body of a poll: a client that was away sends all that has gathered


def create_wire(*, frame_bytes: int) -> Any:
    """A Socket.IO server for one namespace, which takes frames of at most `frame_bytes`."""
    log = _Log(logging.getLogger("convo_server.wire"), {})
    Payload.max_decode_packets = PACKETS  # of 16; what is above is dropped without a word
    return _SocketIO(
        async_mode="asgi",
        json=_Json,
        serializer=_Packet,
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

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        environ["asgi.scope"][_SID] = eio_sid
        await super()._handle_eio_connect(eio_sid, environ)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self.eio.stop_ping(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)


class _Packet(socketio.packet.Packet):  # type: ignore[misc]  # python-socketio has no types
    """A packet without attachments: convo sends none, and takes none, since nothing bounds their number."""

    uses_binary_events = False
    packet_type: int
    data: Any

    def decode(self, encoded_packet: object) -> int:
        if not isinstance(encoded_packet, str):
            raise ValueError("not a packet")
        try:
            attachments = super().decode(encoded_packet)
        except ValueError:
            if self.packet_type != socketio.packet.EVENT:
                raise
            attachments = -1
        if self.packet_type in (socketio.packet.BINARY_EVENT, socketio.packet.BINARY_ACK):
            self.packet_type = socketio.packet.EVENT
            attachments = -1
        if self.packet_type == socketio.packet.EVENT and (attachments or not _is_event(self.data)):
            self.data = [MALFORMED]
        return 0


def _is_event(data: object) -> bool:
    """Whether it has a name, which is not one of those that Socket.IO gives its own events."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in _RESERVED


_RESERVED = frozenset(socketio.AsyncServer.reserved_events)
_SID = "convo.eio_sid"


class _EngineIO(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio has no types
    """Engine.IO that forgets a closed socket at once.

    Its own ping is a task that sleeps for 25 s and holds its socket, closed or not: thousands of short visits would
    pile up. Here it is a timer that knows its socket weakly. A WebSocket that ends by an error leaves its socket open
    until a ping is missed, and an upgrade that fails leaves its poll without news for ever: here both are told.
    """

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await super().handle_request(scope, receive, send)
            return
        query = urllib.parse.parse_qs(scope.get("query_string", b"").decode("latin-1"))
        polling = self.sockets.get(query.get("sid", [""])[0])
        if polling is not None and polling.upgraded:
            polling = None  # and this request is none of its business
        try:
            await super().handle_request(scope, receive, send)
        finally:
            if polling is not None and not polling.upgraded:
                polling.upgrading = False
            socket = polling if polling is not None else self.sockets.get(scope.get(_SID, ""))
            if socket is not None and socket.upgraded:
                await self._end(socket)

    def create_queue(self, *_: Any, **__: Any) -> _Queue:
        return _Queue()

    async def disconnect(self, sid: str | None = None) -> None:
        """Without waiting for its client to take what is on its way: it may never come."""
        for socket in [self.sockets.get(sid)] if sid is not None else list(self.sockets.values()):
            if socket is not None:
                await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)

    async def _end(self, socket: Any) -> None:
        await socket.close(wait=False, abort=True, reason=self.reason.TRANSPORT_ERROR)
        socket.queue.put_nowait(None)  # for its writer
        self.sockets.pop(socket.sid, None)

    def start_background_task(self, target: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(target, "__name__", "") != "_send_ping":
            return super().start_background_task(target, *args, **kwargs)
        socket = target.__self__
        socket.last_ping = None
        socket.next_ping = asyncio.get_running_loop().call_later(self.ping_interval, _ping, weakref.ref(socket))
        return socket.next_ping

    def stop_ping(self, sid: str) -> None:
        """The socket is closed: its timer, which would stay for 25 s, is not needed any more."""
        timer = getattr(self.sockets.get(sid), "next_ping", None)
        if timer is not None:
            timer.cancel()


class _Queue(asyncio.Queue[Any]):
    """A queue for one reader, whose `get` is a future: Engine.IO waits for each frame with `wait_for`, and before
    Python 3.12 that makes a task of anything else. A second poll ends the first.
    """

    _waiting: asyncio.Future[Any] | None = None

    def get(self) -> asyncio.Future[Any]:  # type: ignore[override]  # awaited all the same
        if self._waiting is not None:
            self.put_nowait(Packet(NOOP))
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.empty():
            self._waiting = future
        else:
            future.set_result(self.get_nowait())
        return future

    def put_nowait(self, item: Any) -> None:
        super().put_nowait(item)
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(self.get_nowait())

    async def put(self, item: Any) -> None:
        self.put_nowait(item)


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
            return decode_json(text)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from None


class _Log(logging.LoggerAdapter[logging.Logger]):
    """Socket.IO's own log. What it calls errors are clients' faults: ours are caught before they reach it."""

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        if self.logger.isEnabledFor(logging.DEBUG):
            super().log(logging.DEBUG, msg, *args, **kwargs)

    def info(self, msg: object, *args: Any, **kwargs: Any) -> None:
        """Called for every packet: says nothing, as fast as it can."""
