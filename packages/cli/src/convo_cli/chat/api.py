"""The API of an app's server, as a program uses it: plain HTTP, and one stream of events a thread."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from convo import ConvoError
from convo.protocol import (
    Answer,
    AppInfo,
    AuthInfo,
    Batch,
    CommandError,
    Credentials,
    Failure,
    FileInfo,
    Goodbye,
    Hello,
    Snapshot,
    WireStruct,
    encode,
)
from convo.protocol.commands import CommandStruct

__all__ = ["Api", "Frame", "UnreachableError"]

Frame: TypeAlias = Hello | Batch | Snapshot | Goodbye
_FRAMES: dict[str, type[Frame]] = {"hello": Hello, "batch": Batch, "snapshot": Snapshot, "goodbye": Goodbye}

T = TypeVar("T")

CONNECT_SECONDS = 10.0
SILENT_SECONDS = 45.0
"""A stream says every 15 seconds that it is there: after three such it is not."""
PIECE_BYTES = 256 * 1024


class UnreachableError(ConvoError):
    """No answer came, or one that no convo app gives."""


class Api:
    """One visitor, or the user whom a token or a log-in stands for, at the app whose page is at `url`."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(
            base_url=f"{self.url}/",
            headers={} if token is None else {"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=True,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def arrive(self) -> AuthInfo:
        """Become known, as a browser does with the page; returns who that is, and how to log in."""
        await self._send("GET", "")
        return await self._read("GET", "api/v1/auth", AuthInfo)

    async def log_in(self, credentials: Credentials) -> None:
        """Raises `CommandError`: `unauthenticated` for a wrong password."""
        _check(await self._send("POST", "api/v1/auth/login", content=encode(credentials)))

    async def info(self, profile: str | None = None) -> AppInfo:
        """What the app says of itself."""
        return await self._read("GET", "api/v1/app", AppInfo, params={} if profile is None else {"profile": profile})

    async def begin(self, **connect: Any) -> Hello:
        """Begin a thread; `connect` are fields of a connect frame. Raises `CommandError`."""
        return await self._read("POST", "api/v1/threads", Hello, json=connect)

    async def command(self, thread: str, command: CommandStruct) -> Answer:
        """Raises `CommandError` when it is refused."""
        response = await self._send("POST", f"api/v1/threads/{quote(thread)}/commands", content=encode(command))
        answer = _decoded(response, Answer) if response.is_success else None
        if answer is None:
            _check(response, of=Answer)
            raise UnreachableError(f"{self.url} answered what no convo app does ({response.status_code}).")
        return answer

    async def upload(self, thread: str, path: Path, ask: str | None = None) -> FileInfo:
        """Send a file for a message, or as the answer to an ask. Raises `CommandError`, `OSError`."""
        with path.open("rb") as file:

            async def pieces() -> AsyncIterator[bytes]:
                while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                    yield piece

            return await self._read(
                "POST",
                f"api/v1/threads/{quote(thread)}/files",
                FileInfo,
                params={"name": path.name} | ({} if ask is None else {"ask": ask}),
                content=pieces(),
                headers={"Content-Type": mimetypes.guess_type(path.name)[0] or "application/octet-stream"},
            )

    async def download(self, url: str, path: Path) -> int:
        """Keep what an element shows in a file that is not there yet; returns its bytes. Raises `OSError` too."""
        size = 0
        try:
            async with self._http.stream("GET", url) as response:
                if response.is_error:
                    await response.aread()
                    _check(response)
                with path.open("xb") as file:
                    async for piece in response.aiter_bytes(PIECE_BYTES):
                        size += await asyncio.to_thread(file.write, piece)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        return size

    async def frames(self, thread: str, log: str | None = None, after: int = 0) -> AsyncIterator[Frame]:
        """What happened after a position, then what happens, until the stream is cut: then `UnreachableError`."""
        headers = {"Accept": "text/event-stream"} | ({} if log is None else {"Last-Event-ID": f"{log}:{after}"})
        try:
            async with self._http.stream("GET", f"api/v1/threads/{quote(thread)}/events", headers=headers) as response:
                if response.is_error:
                    await response.aread()
                    _check(response)
                rest = b""
                async for piece in response.aiter_raw() if _is_plain(response) else response.aiter_bytes():
                    *messages, rest = (rest + piece).split(b"\n\n")
                    for message in messages:
                        frame = _frame(message)
                        if frame is not None:
                            yield frame
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        raise UnreachableError("The server has ended the stream.")

    async def _read(self, method: str, path: str, kind: type[T], **options: Any) -> T:
        response = await self._send(method, path, **options)
        _check(response)
        found = _decoded(response, kind)
        if found is None:
            raise UnreachableError(f"{self.url} is not a convo app: it answers `{path}` with something else.")
        return found

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        except httpx.InvalidURL as error:
            raise UnreachableError(f"`{self.url}` is no address: {error}.") from error

    def _unreachable(self, error: httpx.HTTPError) -> UnreachableError:
        reason = str(error) or type(error).__name__
        hint = " For a certificate of your own, set SSL_CERT_FILE." if "CERTIFICATE_VERIFY" in reason else ""
        return UnreachableError(f"{self.url} cannot be reached: {reason}.{hint}")


def _is_plain(response: httpx.Response) -> bool:
    return "content-encoding" not in response.headers


def _frame(message: bytes) -> Frame | None:
    """A frame, from a message of the stream; `None` for a comment, and for what a later version sends."""
    lines = dict(line.split(b": ", 1) for line in message.split(b"\n") if b": " in line)
    kind = _FRAMES.get(lines.get(b"event", b"").decode())
    return None if kind is None else msgspec.json.decode(lines[b"data"], type=kind)


def _decoded(response: httpx.Response, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.MsgspecError:
        return None


def _check(response: httpx.Response, of: type[WireStruct] = Failure) -> None:
    """Raises what an error's body says: `CommandError`, or `UnreachableError` where it is none of convo's."""
    if not response.is_error:
        return
    said = _decoded(response, of)
    failure = said.error if isinstance(said, Answer) else said
    if not isinstance(failure, Failure):
        failure = _decoded(response, Failure)
    if failure is None:
        raise UnreachableError(f"{response.url} answered {response.status_code} {response.reason_phrase}.")
    raise CommandError(failure.code, failure.text, retry_after=failure.retry_after, details=failure.details)
