"""The door: the one place with input and output: a request comes, its exchange is held, its answer goes."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

from convo.protocol import CommandError, ErrorCode, Failure
from convo.routes import STATUS, VISIT, Visit

from convo_protocols.exchange import About, Exchange, Reply
from convo_protocols.settings import ProtocolsSettings
from convo_protocols.talk import Talk
from convo_protocols.turn import Asked, Happening, Turn

__all__ = ["ASGI", "Door", "Request"]

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
ASGI: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PACE_SECONDS = 0.02
"""How long what is said gathers while a caller is being sent something."""

_STATUS: Mapping[ErrorCode, int] = {**STATUS, "unsupported": 400}  # what begins with 5 is tried again by SDKs
_JSON = {"Content-Type": "application/json"}
_KEEP_ALIVE = b": still here\n\n"
_KEY_LENGTH = 100
_SHOWN = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_MOST_SHOWN = 20


class Request:
    """What comes: its visit, headers, path and, once, its body."""

    def __init__(self, scope: Scope, receive: Receive, *, limit: int) -> None:
        self.visit: Visit = scope[VISIT]
        self.path: Mapping[str, str] = scope.get("path_params") or {}
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.query = scope.get("query_string", b"").decode("latin-1")
        self._receive = receive
        self._limit = limit

    @property
    def key(self) -> str | None:
        """The `Idempotency-Key`. Raises `CommandError`."""
        key = self.headers.get("idempotency-key")
        if key is not None and not 0 < len(key) <= _KEY_LENGTH:
            raise CommandError("invalid", f"An `Idempotency-Key` has 1 to {_KEY_LENGTH} characters.")
        return key

    async def body(self) -> bytes:
        """All of it. Raises `CommandError`: `too-large`, `unavailable` for one that was cut off."""
        body, more = bytearray(), True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise CommandError("unavailable", "The request did not come whole; send it again.")
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limit:
                raise CommandError("too-large", f"A request may have {self._limit / 1_000_000:g} MB.")
        return bytes(body)


class Door:
    """The endpoint of one protocol. `refusal` writes its errors."""

    def __init__(self, settings: ProtocolsSettings, refusal: Callable[[Failure], bytes]) -> None:
        self._settings = settings
        self._refusal = refusal

    def exchange(self, read: Callable[[Request], Awaitable[Exchange]]) -> ASGI:
        """An ASGI app that holds the exchange which `read` makes of a request."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await _Holding(self, scope, receive, send).hold(read)

        return app

    def reply(self, answer: Callable[[Request], Awaitable[Reply]]) -> ASGI:
        """An ASGI app that gives the one reply to a request."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                reply = await answer(self.request(scope, receive))
            except CommandError as error:
                await self.refuse(send, error.failure)
            else:
                await respond(send, reply.status, _JSON, reply.body)

        return app

    def request(self, scope: Scope, receive: Receive) -> Request:
        return Request(scope, receive, limit=int(self._settings.body_mb * 1_000_000))

    async def refuse(self, send: Send, failure: Failure) -> None:
        headers = dict(_JSON)
        if failure.retry_after is not None:
            headers["Retry-After"] = str(math.ceil(failure.retry_after))
        await respond(send, _STATUS[failure.code], headers, self._refusal(failure))

    def stops(self, exchange: Exchange) -> bool:
        """Whether an answer ends when its caller leaves."""
        return self._settings.stop_on_disconnect and not exchange.is_kept


class _Holding:
    """One exchange, being held."""

    def __init__(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        self._door = door
        self._receive = receive
        self._send = send
        self._request = door.request(scope, receive)

    async def hold(self, read: Callable[[Request], Awaitable[Exchange]]) -> None:
        talk: Talk | None = None
        watching: asyncio.Task[None] | None = None
        try:
            exchange = await read(self._request)
            talk = Talk(self._request.visit, exchange)
            watching = asyncio.create_task(self._watch(talk), name="convo-protocols-caller")
            begun = await talk.begin()
            if begun is None:
                await respond(self._send, 204, {}, b"")
                return
            turn, ask_id = begun
            base_url = self._request.visit.base_url
            about = About(talk.thread_id, turn.run_id, base_url, int(time.time()), ask_id)
            await self._tell(talk, exchange, turn, about)
        except CommandError as error:
            await self._door.refuse(self._send, error.failure)
        finally:
            if watching is not None:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
            if talk is not None:
                talk.close()

    async def _watch(self, talk: Talk) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        talk.leave()

    async def _tell(self, talk: Talk, exchange: Exchange, turn: Turn, about: About) -> None:
        """Raises `CommandError` as long as nothing was sent."""
        is_told = False
        try:
            if exchange.is_streamed:
                is_told = await self._stream(talk, exchange, turn, about)
            else:
                is_told = await self._answer(talk, exchange, turn, about)
        finally:
            if not is_told and not turn.is_over and self._door.stops(exchange):
                with suppress(CommandError):  # it has ended, or its session has
                    talk.stop(turn.run_id)

    async def _stream(self, talk: Talk, exchange: Exchange, turn: Turn, about: About) -> bool:
        """Whether it was told to the end."""
        headers = {"Cache-Control": "no-store"} | dict(exchange.headers) | _ignored(exchange)
        await start(self._send, 200, headers)
        await self._write(exchange.begin(about))
        is_told = False
        try:
            async for happenings, is_last in _told(talk, exchange, turn):
                is_told = is_last
                pieces = [piece for one in happenings for piece in exchange.tell(one)]
                await self._write(pieces or (_KEEP_ALIVE,))
                if not is_last:
                    await asyncio.sleep(PACE_SECONDS)
        except CommandError as error:
            await self._write(exchange.fail(error.failure))
        await self._write(exchange.close())
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        return is_told

    async def _answer(self, talk: Talk, exchange: Exchange, turn: Turn, about: About) -> bool:
        """Whether it was told to the end."""
        for _ in exchange.begin(about):
            pass
        is_told = False
        async for happenings, is_last in _told(talk, exchange, turn):
            is_told = is_last or exchange.is_detached
            for one in happenings:
                for _ in exchange.tell(one):
                    pass
            if is_told:
                break
        if is_told:  # else nobody is there
            reply = exchange.whole()
            headers = _JSON | _ignored(exchange) | ({} if reply.status < 400 else {"x-should-retry": "false"})
            await respond(self._send, reply.status, headers, reply.body)
        return is_told

    async def _write(self, pieces: Iterable[bytes]) -> None:
        body = b"".join(pieces)
        if body:
            await self._send({"type": "http.response.body", "body": body, "more_body": True})


async def _told(talk: Talk, exchange: Exchange, turn: Turn) -> AsyncIterator[tuple[list[Happening], bool]]:
    """What happens, and whether that is all: the run is over, or waits for what the next request brings."""
    async for happenings in talk.listen(turn):
        shown: list[Happening] = []
        for one in happenings:
            if not isinstance(one, Asked):
                shown.append(one)
            elif exchange.awaits(one.ask):
                yield [*shown, one], True
                return
            else:
                shown.append(replace(one, is_waiting=False))
                talk.leave_unanswered(one.ask)
        yield shown, turn.is_over


def _ignored(exchange: Exchange) -> dict[str, str]:
    """The header that names what the request asks for in vain."""
    names = [name for name in exchange.prompt.ignored if _SHOWN.fullmatch(name)][:_MOST_SHOWN]
    return {"Convo-Ignored": ", ".join(names)} if names else {}


async def respond(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """A whole response."""
    await start(send, status, dict(headers) | ({} if status == 204 else {"Content-Length": str(len(body))}))
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    """The beginning of a response."""
    written = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": written})
