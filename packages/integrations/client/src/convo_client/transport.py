"""The transport: requests to one server, with who is asking, tried again where that is safe."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import httpx
import msgspec
from convo.protocol import Failure

from convo_client.backoff import Backoff
from convo_client.errors import ClientError, UnexpectedAnswerError, UnreachableError, refused

__all__ = ["Body", "Transport", "decode"]

T = TypeVar("T")
Body = bytes | Callable[[], AsyncIterator[bytes]]
"""What is sent: bytes, or what begins them anew for each try."""

_PIECE_BYTES = 65_536
_TIMEOUT = httpx.Timeout(30.0, read=60.0)  # a file is stored before its answer comes; streams say something every 15 s


class Transport:
    """`patience`: for how many seconds a request is tried again while the server is away, or too busy.

    With an `http` of the caller's, that one is used and left open.
    """

    def __init__(self, url: str, token: str | None, *, patience: float, http: httpx.AsyncClient | None) -> None:
        self._root = httpx.URL(url.rstrip("/") + "/")
        self._token = token
        self._is_own = http is None
        self._http = http or httpx.AsyncClient(timeout=_TIMEOUT, limits=httpx.Limits(max_keepalive_connections=20))
        self.patience = patience

    async def open(self) -> None:
        """Become known to the server: without a token, as a visitor, to whom the page gives a cookie."""
        if self._token is None:
            await self.ask("GET", "")

    async def close(self) -> None:
        if self._is_own:
            await self._http.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """The answer's body. Raises `ClientError`. What is asked may arrive twice: it is safe to be."""
        backoff = Backoff(self.patience)
        while True:
            try:
                async with self.stream(method, path, params=params, body=body, headers=headers) as response:
                    return await response.aread()
            except ClientError as error:
                await backoff.pause(error)

    async def get(self, path: str, type: type[T], **params: Any) -> T:
        return decode(await self.ask("GET", path, params=params), type)

    async def read(self, path: str, **params: Any) -> AsyncGenerator[bytes, None]:
        """A file in pieces. After a cut it goes on where it was, if the server can."""
        backoff = Backoff(self.patience)
        at, etag = 0, None
        while True:
            headers = {"Accept-Encoding": "identity"}  # so that a range counts what arrives
            if at and etag is not None:
                headers |= {"Range": f"bytes={at}-", "If-Range": etag}
            try:
                async with self.stream("GET", path, params=params, headers=headers) as response:
                    if at and response.status_code != 206:
                        raise UnexpectedAnswerError("The file changed while it was read; read it again.")
                    etag = response.headers.get("etag")
                    async for piece in response.aiter_bytes(_PIECE_BYTES):
                        at += len(piece)
                        backoff.reset()
                        yield piece
                return
            except UnreachableError as error:
                if at and etag is None:
                    raise
                await backoff.pause(error)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """An answer whose body is still to come; one try. Raises `ClientError`."""
        with _translated(self._root):
            request = self._http.build_request(
                method,
                self._root.join(path),
                params={name: value for name, value in (params or {}).items() if value is not None},
                content=body() if callable(body) else body,
                headers={**(headers or {}), **self._credentials()},
            )
            response = await self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    raise _refusal(response.status_code, response.headers, await response.aread())
                yield response
            finally:
                await response.aclose()

    def _credentials(self) -> dict[str, str]:
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}


def decode(body: bytes, type: type[T]) -> T:
    """A body as what it should be. Raises `UnexpectedAnswerError`."""
    try:
        return msgspec.json.decode(body, type=type)
    except msgspec.MsgspecError as error:
        raise UnexpectedAnswerError(f"The server's answer is not what it should be: {error}.") from error


@contextmanager
def _translated(root: httpx.URL) -> Iterator[None]:
    try:
        yield
    except httpx.InvalidURL as error:
        raise UnexpectedAnswerError(f"`{root}` is no address of a server: {error}.") from error
    except httpx.UnsupportedProtocol as error:
        raise UnexpectedAnswerError(f"`{root}` has to begin with `http://` or `https://`.") from error
    except httpx.WriteTimeout as error:  # a server that has refused a body need not read the rest of it
        text = "The server stopped reading what it was sent; it may be more than it takes."
        raise UnexpectedAnswerError(text) from error
    except httpx.TransportError as error:
        raise UnreachableError(f"No answer from {root}: {str(error) or type(error).__name__}.") from error


def _refusal(status: int, headers: httpx.Headers, body: bytes) -> ClientError:
    """A command's answer holds its failure; any other body that is one is the failure itself."""
    try:
        found = msgspec.json.decode(body)
        return refused(msgspec.convert(found.get("error", found), Failure))
    except (msgspec.MsgspecError, AttributeError):
        pass
    if status in (429, 502, 503, 504):  # not the app, but what stands before it
        seconds = headers.get("retry-after", "")
        wait = float(seconds) if seconds.isdecimal() else None
        return UnreachableError(f"No answer from the app: what stands before it says {status}.", retry_after=wait)
    return UnexpectedAnswerError(f"The answer {status} is none of a convo server; is the address right?", status=status)
