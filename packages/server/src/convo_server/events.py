"""Events by SSE: `GET api/v1/threads/{id}/events`, one frame per message, resumed by `Last-Event-ID`.

`GET api/v1/shares/{share}/events` is the same for who reads by a share.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from convo.directory import Connection
from convo.log import Frame
from convo.protocol import PROTOCOL_VERSION, Batch, CommandError, Connect, Failure, Goodbye, encode
from convo.viewer import Viewer
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from convo_server.auth.watch import Watched
from convo_server.host import Host
from convo_server.pace import Reader
from convo_server.threads import Threads
from convo_server.trace import trace_of

__all__ = ["Events"]

KEEP_ALIVE_SECONDS = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Events:
    """The endpoints, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads

    async def stream(self, request: Request) -> Response:
        """Everything after the client's position, then what comes. Ends with the session."""
        principal = await self._threads.authenticate(request)
        log, after = _position(request.headers.get("last-event-id") or request.query_params.get("after"))
        thread, directory = request.path_params["id"], self._host.directory
        if request.method == "HEAD":  # which a stream would leave without an end
            await directory.read(principal, thread)
            return _nothing()
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", thread=thread, log=log, after=after)
        stream = Stream(self._host)
        connection = await directory.connect(principal, connect, stream.reader.notify, trace=trace_of(request))
        return stream.open(request, connection)

    async def shared(self, request: Request) -> Response:
        """The same of what is shared. Ends when it is no longer."""
        principal = await self._threads.authenticate(request)
        log, after = _position(request.headers.get("last-event-id") or request.query_params.get("after"))
        share, viewing = request.path_params["share"], self._host.directory.viewing
        if request.method == "HEAD":
            await viewing.read(principal, share)
            return _nothing()
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", share=share, log=log, after=after)
        stream = Stream(self._host)
        return stream.open(request, await viewing.connect(principal, connect, stream.reader.notify))


class Stream:
    """One client's stream. A frame is in flight until the server has taken it from here."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._watched: Watched | None = None
        self.reader = Reader(host.pump, self._write, self._close)
        self._messages: deque[tuple[bytes, bool]] = deque()  # text, and whether it is a frame
        self._news = asyncio.Event()
        self._is_closed = False

    def open(self, request: Request, connection: Connection | Viewer) -> Response:
        """Say hello, and deliver from now on, as long as the connection's user may read."""
        self.put(b"event: hello\ndata: %b\n\n" % encode(connection.hello))
        self._watched = self._host.authentication.oversee(request, connection, self._dismiss)
        self.reader.start(connection)
        return _Streaming(self, headers=_HEADERS, media_type="text/event-stream")

    def finish(self) -> None:
        """The client is gone, or the stream is over. Idempotent."""
        watched, self._watched = self._watched, None
        if watched is not None:
            self._host.authentication.watch.remove(watched)
        self.reader.finish()

    def put(self, message: bytes, *, is_frame: bool = False) -> None:
        self._messages.append((message, is_frame))
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._messages:
                message, is_frame = self._messages.popleft()
                yield message
                if is_frame:
                    self.reader.took()
            if self._is_closed:
                return
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield b": still here\n\n"

    def _write(self, frame: Frame) -> int:
        name = b"batch" if type(frame) is Batch else b"snapshot"
        # Only the thread's log is resumed from, so only its frames carry an id.
        position = b"id: %b:%d\n" % (frame.log.encode(), frame.to) if frame.scope == "thread" else b""
        data = encode(frame)
        self.put(b"%bevent: %b\ndata: %b\n\n" % (position, name, data), is_frame=True)
        return len(data)

    def _dismiss(self, failure: Failure | None) -> None:
        if failure is not None:
            self.put(b"event: goodbye\ndata: %b\n\n" % encode(Goodbye(error=failure)))
        self.reader.finish()

    def _close(self) -> None:
        self._is_closed = True
        self._news.set()


class _Streaming(StreamingResponse):
    """A response that closes its connection however it ends, and ends when the Pump closed it."""

    def __init__(self, stream: Stream, *, headers: dict[str, str], media_type: str) -> None:
        super().__init__(aiter(stream), headers=headers, media_type=media_type)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.finish()


def _nothing() -> Response:
    return StreamingResponse((), headers=_HEADERS, media_type="text/event-stream")


def _position(value: str | None) -> tuple[str | None, int]:
    """`<log>:<seq>` as a position. Raises `CommandError`."""
    if not value:
        return None, 0
    log, colon, seq = value.rpartition(":")
    if not colon or not seq.isdecimal() or len(seq) > 18:
        raise CommandError("invalid", "A position is written as `<log>:<seq>`.")
    return log, int(seq)
