"""The guard: requests to an address that a user has entered, and to whatever that leads to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpx2
from convo.egress import Egress, IPAddress
from convo.errors import EgressError

__all__ = ["BarredError", "Guard"]

MOST_BYTES = 10_000_000
"""Of one answer. A stream of events may go on; the SDK bounds each event."""

Origin = tuple[str, str, int | None]


class BarredError(httpx2.ConnectError):
    """A request may not go where it was meant to; the text says what to do."""


class Guard(httpx2.AsyncBaseTransport):
    """Connects to addresses that `egress` lets through, and to no others, whoever wrote the request.

    A name is looked up once in the life of a guard: what was checked is what is connected to. Nothing goes by a proxy,
    which would look names up itself. Requests to `url` get the `query` that belongs to it, and that nobody else sees.
    """

    def __init__(self, egress: Egress, url: str = "", query: bytes = b"") -> None:
        self._egress = egress
        self._url = url
        self._query = query
        self._found: dict[Origin, list[IPAddress]] = {}
        self._transports: dict[Origin, httpx2.AsyncHTTPTransport] = {}  # so that no name gets another's connection
        self._tls: ssl.SSLContext | None = None
        self._finding = asyncio.Lock()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        origin = (request.url.scheme, request.url.raw_host.decode("ascii"), request.url.port)
        async with self._finding:
            addresses = await self._resolve(origin, request)
            transport = await self._transport(origin)
        for address in addresses[:-1]:
            try:
                return await self._send(transport, request, address)
            except httpx2.ConnectError:  # as of IPv6 on a machine without; nothing was sent
                continue
        return await self._send(transport, request, addresses[-1])

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()

    async def _resolve(self, origin: Origin, request: httpx2.Request) -> list[IPAddress]:
        if origin not in self._found:
            scheme, host, port = origin
            try:
                self._found[origin] = await self._egress.resolve(scheme, host, port)
            except EgressError as error:
                raise BarredError(str(error), request=request) from error
            except OSError as error:
                raise httpx2.ConnectError(f"`{host}` is not known.", request=request) from error
        return self._found[origin]

    async def _transport(self, origin: Origin) -> httpx2.AsyncHTTPTransport:
        if origin not in self._transports:
            if self._tls is None:  # reading the authorities takes a while
                self._tls = await asyncio.to_thread(httpx2.create_ssl_context)
            self._transports[origin] = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False)
        return self._transports[origin]

    async def _send(
        self, transport: httpx2.AsyncHTTPTransport, request: httpx2.Request, address: IPAddress
    ) -> httpx2.Response:
        url = request.url
        if self._query and str(url) == self._url:
            url = url.copy_with(query=self._query)
        headers = request.headers.copy()
        headers["accept-encoding"] = "identity"  # what is counted is what is read
        sent = httpx2.Request(
            request.method,
            url.copy_with(host=str(address)),
            headers=headers,  # which say the host by its name
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
        )
        response = await transport.handle_async_request(sent)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.RemoteProtocolError("The answer is compressed, unasked.", request=request)
        if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            response.stream = _Bounded(response.stream)
        return response


class _Bounded(httpx2.AsyncByteStream):
    """An answer that breaks off where it gets too long."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > MOST_BYTES:
                raise httpx2.RemoteProtocolError(f"The answer has more than {MOST_BYTES:,} bytes.")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
