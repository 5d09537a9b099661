"""The wire below the protocol: Socket.IO on Engine.IO, as convo needs them."""

from __future__ import annotations

import asyncio
import logging
import time
import urllib.parse
import weakref
from collections.abc import Callable
from typing import Any

import engineio
import msgspec
import socketio
import socketio.packet
from convo.config import Server
from convo.protocol import decode_json
from engineio.async_socket import AsyncSocket
from engineio.exceptions import QueueEmpty
from engineio.packet import MESSAGE, NOOP, PING, Packet
from engineio.payload import Payload
from starlette.types import Receive, Scope, Send

__all__ = ["MALFORMED", "NAMESPACE", "create_wire"]

NAMESPACE = "/"
MALFORMED = ""
"""The event that every malformed event is taken for, so that whoever waits for an answer gets one."""
OnEvent = Callable[[str, str], bool]
PACKETS = 1000  # in one body of a poll: a client that was away sends all that has gathered


def create_wire(settings: Server, *, frame_bytes: int, on_event: OnEvent) -> Any:
    """A Socket.IO server for one namespace, which takes frames of at most `frame_bytes`.

    `on_event` may take an event before Socket.IO reads it: it gets Engine.IO's id and the event as JSON, and returns
    whether it did.
    """
    log = _Log(logging.getLogger("convo_server.wire"), {})
    Payload.max_decode_packets = PACKETS  # of 16; what is above is dropped without a word
    wire = _SocketIO(
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
        ping_interval=settings.heartbeat_seconds,
        ping_timeout=settings.heartbeat_timeout_seconds,
        transports=list(settings.transports),
    )
    wire.eio.on_event = on_event
    return wire


class _SocketIO(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio has no types
    def _engineio_server_class(self) -> type:
        return _EngineIO

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        socket = environ["asgi.scope"][_SOCKET] = self.eio.sockets[eio_sid]
        socket.__class__ = _Socket  # Engine.IO has no setting for it
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
_SOCKET = "convo.eio_socket"


class _EngineIO(engineio.AsyncServer):  # type: ignore[misc]  # python-engineio has no types
    """Engine.IO that forgets a closed socket at once.

    Its own ping is a task that sleeps for 25 s and holds its socket, closed or not: thousands of short visits would
    pile up; `_Socket` has a timer instead. A WebSocket that ends by an error leaves its socket open
    until a ping is missed, and an upgrade that fails leaves its poll without news for ever: here both are told.
    """

    on_event: OnEvent

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
            # Also one that Engine.IO has closed and forgotten by now: what ended it may have left its writer waiting.
            socket = polling if polling is not None else scope.pop(_SOCKET, None)
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

    def stop_ping(self, sid: str) -> None:
        """The socket is closed: its timer, which would stay for 25 s, is not needed any more."""
        timer = getattr(self.sockets.get(sid), "next_ping", None)
        if timer is not None:
            timer.cancel()


class _Socket(AsyncSocket):  # type: ignore[misc]  # python-engineio has no types
    """A socket that costs less: no timer for each frame, no task for each ping, and a way past Socket.IO for what is
    said most often.
    """

    server: _EngineIO
    queue: _Queue
    last_ping: float | None

    async def poll(self) -> list[Packet]:
        """What is to be written next. A WebSocket waits without a time-out: its pings see to that."""
        if not self.upgraded:
            packets: list[Packet] = await super().poll()
            return packets
        try:
            packets = [await self.queue.get()]
        except asyncio.CancelledError:
            raise QueueEmpty from None  # ends its writer, which then closes the socket
        while packets[-1] is not None and not self.queue.empty():
            packets.append(self.queue.get_nowait())
        if packets[-1] is None:  # the end, after what came before it
            packets.pop()
            if packets:
                self.queue.put_nowait(None)
        return packets

    async def receive(self, pkt: Packet) -> None:
        data = pkt.data
        is_event = pkt.packet_type == MESSAGE and type(data) is str and data.startswith(_EVENT)
        if not is_event or not self.server.on_event(self.sid, data[1:]):
            await super().receive(pkt)

    def schedule_ping(self) -> None:
        if self.last_ping:
            self.last_ping = None
            loop = asyncio.get_running_loop()
            self.next_ping = loop.call_later(self.server.ping_interval, _ping, weakref.ref(self))


_EVENT = '2["'  # an event of the one namespace that waits for no answer


class _Queue(asyncio.Queue[Any]):
    """A queue for one reader, whose `get` is a future: Engine.IO waits for each frame with `wait_for`, and before
    Python 3.12 that makes a task of anything else. A second poll ends the first.
    """

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[Any] | None = None

    def get(self) -> asyncio.Future[Any]:  # type: ignore[override]  # awaited all the same
        if self._waiting is not None:
            self.put_nowait(Packet(NOOP))
        future: asyncio.Future[Any] = self._loop.create_future()
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
