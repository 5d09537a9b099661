"""Connections made by hand: TCP, HTTP, WebSocket, Engine.IO and SSE, with nothing between that could mend a cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec

__all__ = [
    "CUTS",
    "Cut",
    "EventStream",
    "Frame",
    "Polling",
    "RefusedError",
    "Transport",
    "Visitor",
    "WebSocket",
    "Wire",
]

Cut = Literal["reset", "close", "silence"]
CUTS: tuple[Cut, ...] = ("reset", "close", "silence")
Frame = tuple[str, bytes]
"""Its name and its JSON."""
Answers = asyncio.Future[dict[str, Any]]

_BETWEEN_PACKETS = b"\x1e"


class RefusedError(Exception):
    """The server did not let a connection in. `code` is the protocol's."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data.decode())
        self.code: str = msgspec.json.decode(data)["data"]["code"]


class Wire:
    """One TCP connection, and what HTTP and WebSocket need of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int, *, receive_buffer: int | None = None) -> Wire:
        raw = socket.socket()
        raw.setblocking(False)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
        except BaseException:
            raw.close()
            raise
        return cls(*await asyncio.open_connection(sock=raw, limit=receive_buffer or 1 << 20))

    def cut(self, how: Cut) -> None:
        """End it without a word; by `silence` not even the server's kernel hears of it."""
        transport: Any = self.writer.transport
        if how == "silence":
            if transport.is_reading():
                transport.pause_reading()
            return
        if how == "reset" and not transport.is_closing():
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    async def close(self) -> None:
        self.writer.transport.abort()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    # --- HTTP ---

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> None:
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def head(self) -> tuple[int, dict[str, str]]:
        """A response's status and headers."""
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines[:-2])
        return int(first.split()[1]), {name.lower(): value for name, _, value in pairs}

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """A whole response."""
        status, headers = await self.head()
        if "content-length" in headers:
            return status, headers, await self.reader.readexactly(int(headers["content-length"]))
        return status, headers, b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readexactly(2)

    # --- WebSocket ---

    def send(self, text: bytes) -> None:
        self._send(0x81, text)

    def _send(self, opcode: int, data: bytes) -> None:
        size = len(data)
        length = bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0xFE, size)
        assert size < 1 << 16
        self.writer.write(bytes([opcode]) + length + b"\0\0\0\0" + data)  # masked by zeros

    async def receive(self) -> bytes:
        """The next message. Raises `ConnectionError` when the server closes."""
        message = b""
        while True:
            first, second = await self.reader.readexactly(2)
            size = second & 127
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
            data = await self.reader.readexactly(size)
            opcode = first & 15
            if opcode == 8:
                raise ConnectionResetError("The server closed the WebSocket")
            if opcode == 9:
                self._send(0x8A, data)
                continue
            message += data
            if first & 0x80:
                return message


class Visitor:
    """Somebody with a cookie. Closes all wires that were opened for it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.headers = {"Host": f"127.0.0.1:{port}"}
        self._wires: list[Wire] = []

    async def arrive(self) -> Visitor:
        _, headers, _ = await self.http("GET", "/")
        self.headers["Cookie"] = headers["set-cookie"].split(";")[0]
        return self

    async def wire(self, *, receive_buffer: int | None = None) -> Wire:
        wire = await Wire.open(self.port, receive_buffer=receive_buffer)
        self._wires.append(wire)
        return wire

    async def http(self, method: str, path: str, data: object = None) -> tuple[int, dict[str, str], bytes]:
        """One request on a wire of its own."""
        wire = await self.wire()
        try:
            body = b"" if data is None else msgspec.json.encode(data)
            wire.ask(method, path, self.headers | {"Connection": "close"}, body)
            return await wire.answer()
        finally:
            self._wires.remove(wire)
            await wire.close()

    async def leave(self) -> None:
        for wire in self._wires:
            await wire.close()
        self._wires.clear()


class Transport(ABC):
    """A way to read and steer a thread. Ends with an error, by whoever's fault."""

    def __init__(self, visitor: Visitor, *, receive_buffer: int | None = None) -> None:
        self.visitor = visitor
        self.receive_buffer = receive_buffer

    @abstractmethod
    async def open(self, connect: dict[str, Any]) -> None: ...

    @abstractmethod
    def frames(self) -> AsyncIterator[Frame]: ...

    @abstractmethod
    def command(self, command: dict[str, Any]) -> Answers:
        """Send a command at once. The answer never comes when the connection is cut before it."""

    @abstractmethod
    def received(self, log: str, to: int) -> None: ...

    @abstractmethod
    def cut(self, how: Cut) -> None: ...


class SocketIo(Transport):
    """Socket.IO, whatever carries its packets."""

    def __init__(self, visitor: Visitor, *, receive_buffer: int | None = None) -> None:
        super().__init__(visitor, receive_buffer=receive_buffer)
        self._answers: list[Answers] = []

    @abstractmethod
    def packets(self) -> AsyncIterator[bytes]: ...

    @abstractmethod
    def send(self, packet: bytes) -> None: ...

    async def frames(self) -> AsyncIterator[Frame]:
        async for packet in self.packets():
            kind = packet[:2]
            if kind == b"42":
                name, _, data = packet[4:].partition(b'",')
                yield name.decode(), data[:-1]
            elif kind == b"43":
                number, _, data = packet[2:].partition(b"[")
                self._answers[int(number)].set_result(msgspec.json.decode(data[:-1]))
            elif kind == b"44":
                raise RefusedError(packet[2:])
            elif kind == b"2":
                self.send(b"3")
            elif kind in (b"1", b"41"):
                raise ConnectionResetError("The server said goodbye")

    def command(self, command: dict[str, Any]) -> Answers:
        answer: Answers = asyncio.get_running_loop().create_future()
        self._answers.append(answer)
        self.send(b"42%d%b" % (len(self._answers) - 1, msgspec.json.encode(["command", command])))
        return answer

    def received(self, log: str, to: int) -> None:
        self.send(b"42" + msgspec.json.encode(["received", {"log": log, "to": to}]))


class WebSocket(SocketIo):
    """One wire, both ways."""

    wire: Wire

    async def open(self, connect: dict[str, Any]) -> None:
        self.wire = await self.visitor.wire(receive_buffer=self.receive_buffer)
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }
        self.wire.ask("GET", "/ws/socket.io/?EIO=4&transport=websocket", self.visitor.headers | upgrade)
        status, _ = await self.wire.head()
        if status != 101:
            raise ConnectionError(f"The server answered {status}")
        self.send(b"40" + msgspec.json.encode(connect))

    async def packets(self) -> AsyncIterator[bytes]:
        while True:
            yield await self.wire.receive()

    def send(self, packet: bytes) -> None:
        self.wire.send(packet)

    def cut(self, how: Cut) -> None:
        self.wire.cut(how)


class Polling(SocketIo):
    """Long-polling: a wire down and a wire up."""

    _down: Wire
    _up: Wire

    def __init__(self, visitor: Visitor, *, receive_buffer: int | None = None) -> None:
        super().__init__(visitor, receive_buffer=receive_buffer)
        self._path = "/ws/socket.io/?EIO=4&transport=polling"
        self._out: list[bytes] = []
        self._sender: asyncio.Task[None] | None = None

    async def open(self, connect: dict[str, Any]) -> None:
        self._down = await self.visitor.wire(receive_buffer=self.receive_buffer)
        opened = await self._get()
        self._path += f"&sid={msgspec.json.decode(opened[1:])['sid']}"
        self._up = await self.visitor.wire()
        self.send(b"40" + msgspec.json.encode(connect))

    async def packets(self) -> AsyncIterator[bytes]:
        while True:
            for packet in (await self._get()).split(_BETWEEN_PACKETS):
                yield packet

    def send(self, packet: bytes) -> None:
        self._out.append(packet)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send())

    def cut(self, how: Cut) -> None:
        if self._sender is not None:
            self._sender.cancel()
        self._down.cut(how)
        self._up.cut(how)

    async def _get(self) -> bytes:
        self._down.ask("GET", self._path, self.visitor.headers)
        status, _, body = await self._down.answer()
        if status != 200:
            raise ConnectionResetError(f"The server answered {status}: {body.decode()}")
        return body

    async def _send(self) -> None:
        while self._out:
            body, self._out = _BETWEEN_PACKETS.join(self._out), []
            try:
                await self._post(body)
            except (asyncio.IncompleteReadError, OSError):  # the server closes what was silent for some seconds
                with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                    self._up = await self.visitor.wire()
                    await self._post(body)

    async def _post(self, body: bytes) -> None:
        self._up.ask("POST", self._path, self.visitor.headers | {"Content-Type": "text/plain"}, body)
        await self._up.answer()


class EventStream(Transport):
    """SSE down, commands by HTTP."""

    wire: Wire

    def __init__(self, visitor: Visitor, *, receive_buffer: int | None = None) -> None:
        super().__init__(visitor, receive_buffer=receive_buffer)
        self._path = "/api/v1/threads"
        self._commands: set[asyncio.Task[dict[str, Any]]] = set()

    async def open(self, connect: dict[str, Any]) -> None:
        thread = connect["thread"]
        if thread is None:
            _, _, hello = await self.visitor.http("POST", self._path)
            thread = msgspec.json.decode(hello)["thread"]
        self._path += f"/{thread}"
        position = {"Last-Event-ID": f"{connect['log']}:{connect['after']}"} if connect["log"] else {}
        self.wire = await self.visitor.wire(receive_buffer=self.receive_buffer)
        self.wire.ask("GET", f"{self._path}/events", self.visitor.headers | position)
        status, _ = await self.wire.head()
        if status != 200:
            raise ConnectionError(f"The server answered {status}")

    async def frames(self) -> AsyncIterator[Frame]:
        rest = b""
        async for chunk in self.wire.chunks():
            *messages, rest = (rest + chunk).split(b"\n\n")
            for message in messages:
                lines = dict(line.split(b": ", 1) for line in message.split(b"\n"))
                if b"event" in lines:
                    yield lines[b"event"].decode(), lines[b"data"]
        raise ConnectionResetError("The server ended the stream")

    def command(self, command: dict[str, Any]) -> Answers:
        task = asyncio.get_running_loop().create_task(self._command(command))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)
        return task

    async def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        _, _, answer = await self.visitor.http("POST", f"{self._path}/commands", command)
        decoded: dict[str, Any] = msgspec.json.decode(answer)
        return decoded

    def received(self, log: str, to: int) -> None:
        """SSE has no way up, and needs none."""

    def cut(self, how: Cut) -> None:
        for task in self._commands:
            task.cancel()
        self.wire.cut(how)
