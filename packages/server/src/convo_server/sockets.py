"""Sockets: the protocol over Socket.IO, by WebSocket or, where that is blocked, by long polling."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec
from convo.directory import Connection
from convo.log import Frame
from convo.principal import Principal
from convo.protocol import Batch, CommandError, Connect, Failure, Goodbye, Received, encode
from convo.viewer import Viewer
from engineio.packet import MESSAGE, NOOP, Packet
from msgspec.structs import replace
from socketio.exceptions import ConnectionRefusedError  # noqa: A004 - its name
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from convo_server.auth.watch import Watched
from convo_server.errors import unexpected
from convo_server.host import Host
from convo_server.pace import Reader
from convo_server.trace import trace_of
from convo_server.wire import MALFORMED, NAMESPACE, create_wire

__all__ = ["Sockets"]

logger = logging.getLogger("convo_server.sockets")

_RECEIVED = '["received",'
_READ_RECEIVED = msgspec.json.Decoder(tuple[str, Received]).decode
ANONYMOUS_SECONDS = 15.0  # how long a socket may stand open without saying who it is


class Socket:
    """One open socket: writes frames, and knows its connection."""

    def __init__(self, sockets: Sockets, host: Host, eio_sid: str, sid: str) -> None:
        self.sid = sid
        self.eio_sid = eio_sid
        self.reader = Reader(host.pump, self._write, self._close)
        self.connection: Connection | Viewer | None = None
        self._host = host
        self._watched: Watched | None = None
        self._token: str | None = None
        self._sockets = sockets
        self._wire = sockets.server.eio.sockets[eio_sid]

    def join(self, http: HTTPConnection, connection: Connection | Viewer, token: str | None) -> None:
        """Be a connection of a session's, as long as its user may be. `token` is for who has no cookie."""
        self.connection = connection
        self._token = token
        self._watched = self._host.authentication.oversee(http, connection, self.dismiss)

    def dismiss(self, failure: Failure | None) -> None:
        """Close, after saying why; without a reason the client may come back at once."""
        if failure is not None:
            self._host.pump.flush()
            self._put("goodbye", Goodbye(error=failure))
        self.reader.finish()

    def open(self) -> None:
        """Say hello and begin to deliver. Comes after Socket.IO's own greeting."""
        connection = self.connection
        if connection is not None and self._sockets.is_open(self):
            self._put("hello", replace(connection.hello, token=self._token))
            self.reader.start(connection)

    def part(self) -> None:
        """The client is gone, or never got in."""
        connection, self.connection = self.connection, None
        watched, self._watched = self._watched, None
        if watched is not None:
            self._host.authentication.watch.remove(watched)
        if not self._wire.upgraded:  # Engine.IO forgets a poll that is waiting when its client says goodbye
            self._wire.queue.put_nowait(Packet(NOOP))
        self.reader.finish()
        if connection is not None:
            connection.close()

    def _write(self, frame: Frame) -> int:
        return self._put("batch" if type(frame) is Batch else "snapshot", frame)

    def _put(self, name: str, frame: msgspec.Struct) -> int:
        """Frame once, and hand it to Engine.IO's writer: the way through `emit` costs twice as much."""
        data = encode(frame)
        self._wire.queue.put_nowait(Packet(MESSAGE, f'2["{name}",{data.decode()}]'))
        return len(data)

    def _close(self) -> None:
        self._sockets.disconnect(self)


class Sockets:
    """The ASGI app at `ws/socket.io`."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._sockets: dict[str, Socket] = {}  # by Engine.IO's id
        self._strangers: set[str] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.server = create_wire(host.config.server, frame_bytes=host.config.limits.frame_bytes, on_event=self._take)
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)
        self.server.on("command", self._command)
        self.server.on("received", self._received)
        self.server.on(MALFORMED, self._malformed)
        self.server.on("*", self._unknown)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(ANONYMOUS_SECONDS, self._drop_strangers)
        try:
            await self.server.handle_request(scope, receive, send)
        except (ValueError, IndexError, KeyError, UnicodeError, OSError) as error:
            logger.info("A client sent what is not Engine.IO: %s", error)
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1002})
            else:
                await send({"type": "http.response.start", "status": 400, "headers": []})
                await send({"type": "http.response.body", "body": b""})

    async def stop(self) -> None:
        """Disconnect everybody, after what is on its way was written."""
        if self._sweep is not None:
            self._sweep.cancel()
        for socket in list(self._sockets.values()):
            self.disconnect(socket)
        await asyncio.gather(*self._tasks)
        for eio_sid in list(self.server.eio.sockets):
            await self._drop(eio_sid)
        await self.server.shutdown()

    def is_open(self, socket: Socket) -> bool:
        return self._sockets.get(socket.eio_sid) is socket

    def disconnect(self, socket: Socket) -> None:
        """Close a socket after what is on its way to it. Idempotent."""
        if self._sockets.pop(socket.eio_sid, None) is not None:
            self._own(self._drop(socket.eio_sid))

    async def _drop(self, eio_sid: str) -> None:
        try:
            for sid in [self.server.manager.sid_from_eio_sid(eio_sid, NAMESPACE)]:
                if sid is not None:
                    await self.server.disconnect(sid)
            wire = self.server.eio.sockets.get(eio_sid)
            if wire is not None:
                await wire.close(wait=False)
                if wire.upgraded:
                    wire.queue.put_nowait(None)  # its writer ends, also when it was closed by its client's packet
        except Exception:  # Engine.IO raises whatever a closing socket does to it
            logger.debug("A socket was gone before it was closed", exc_info=True)

    def _drop_strangers(self) -> None:
        """Close what has been open for a while and belongs to no connection."""
        strangers = self.server.eio.sockets.keys() - self._sockets.keys()
        for eio_sid in self._strangers & strangers:
            self._own(self._drop(eio_sid))
        self._strangers = strangers
        self._sweep = None
        if self.server.eio.sockets:
            self._sweep = asyncio.get_running_loop().call_later(ANONYMOUS_SECONDS, self._drop_strangers)

    def _own(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- What clients send ---

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        eio_sid = self.server.manager.eio_sid_from_sid(sid, NAMESPACE)
        loop = asyncio.get_running_loop()
        try:
            socket = await self._open(sid, eio_sid, HTTPConnection(environ["asgi.scope"]), auth)
        except Exception as error:  # a bug of ours must reach the log, and the client as a typed error
            failure = error.failure if isinstance(error, CommandError) else unexpected("Connecting")
            loop.call_soon(lambda: self._own(self._drop(eio_sid)))  # after the refusal has been put on its way
            # Reaches the client as the `data` of its `connect_error`.
            raise ConnectionRefusedError(failure.text, msgspec.to_builtins(failure)) from None
        scope = environ["asgi.scope"]
        environ.clear()  # Engine.IO keeps it as long as the socket: 6 kB that nobody asks for again
        environ["asgi.scope"] = scope
        loop.call_soon(socket.open)

    async def _open(self, sid: str, eio_sid: str, http: HTTPConnection, auth: object) -> Socket:
        self._host.origins.check(http)
        try:
            connect = msgspec.convert(auth, Connect)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise CommandError("invalid", f"Not a valid connect frame: {error}.") from error
        principal, token = await self._authenticate(http, connect)
        if eio_sid in self._sockets:
            self._sockets[eio_sid].reader.finish()
            raise CommandError("conflict", "This socket is connected already.")
        socket = Socket(self, self._host, eio_sid, sid)
        self._sockets[eio_sid] = socket
        try:
            directory = self._host.directory
            connection: Connection | Viewer
            if connect.share is None:
                connection = await directory.connect(principal, connect, socket.reader.notify, trace=trace_of(http))
            else:
                connection = await directory.viewing.connect(principal, connect, socket.reader.notify)
        except BaseException:
            self._sockets.pop(eio_sid, None)
            raise
        socket.join(http, connection, token)
        if not self.is_open(socket):
            socket.part()
            raise CommandError("unavailable", "The connection was closed.")
        return socket

    async def _authenticate(self, http: HTTPConnection, connect: Connect) -> tuple[Principal, str | None]:
        """Who is asking; and, for a visitor who came in a chat in another page, the token that is his cookie there."""
        authentication = self._host.authentication
        if connect.client != "copilot":
            return await authentication.authenticate(http, token=connect.token), None
        principal = await authentication.recognise_embedded(http, token=connect.token)
        return authentication.mint() if principal is None else (principal, None)

    async def _disconnect(self, sid: str, reason: str | None = None) -> None:
        socket = self._find(sid)
        if socket is not None:
            socket.part()
            self.disconnect(socket)  # Engine.IO's half would otherwise wait for its client to close it too

    async def _command(self, sid: str, data: object = None, *_: object) -> dict[str, Any]:
        socket = self._find(sid)
        if socket is None or socket.connection is None:
            failure = Failure(code="unavailable", text="The connection is being closed.", retry_after=1.0)
            return {"id": "", "ok": False, "error": msgspec.to_builtins(failure)}
        answer: dict[str, Any] = msgspec.to_builtins(socket.connection.dispatch(data))
        self._host.pump.hasten(socket.reader)
        return answer

    def _take(self, eio_sid: str, event: str) -> bool:
        """`received` comes far more often than all else: it is taken before Socket.IO reads it, unless it is wrong."""
        socket = self._sockets.get(eio_sid)
        if socket is None or not event.startswith(_RECEIVED):
            return False
        try:
            _, received = _READ_RECEIVED(event)
        except msgspec.MsgspecError:
            return False
        socket.reader.received(received.to, received.log)
        return True

    async def _received(self, sid: str, data: object = None, *_: object) -> dict[str, Any] | None:
        socket = self._find(sid)
        try:
            received = msgspec.convert(data, Received)
        except (msgspec.MsgspecError, RecursionError) as error:
            return _plain(Failure(code="invalid", text=f"Not a valid `received`: {error}."))
        if socket is not None:
            socket.reader.received(received.to, received.log)
        return None

    async def _malformed(self, sid: str, *_: object) -> dict[str, Any]:
        return _plain(Failure(code="invalid", text="Not a valid event: it has a name and data, as JSON, in an array."))

    async def _unknown(self, event: str, sid: str, *_: object) -> dict[str, Any]:
        return _plain(Failure(code="unsupported", text=f"This server does not know the event `{event[:64]}`."))

    def _find(self, sid: str) -> Socket | None:
        return self._sockets.get(self.server.manager.eio_sid_from_sid(sid, NAMESPACE) or "")


def _plain(failure: Failure) -> dict[str, Any]:
    plain: dict[str, Any] = {"error": msgspec.to_builtins(failure)}
    return plain
