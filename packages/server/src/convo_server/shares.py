"""The routes of shares: an owner makes, lists and revokes them, anybody who has one reads by it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from convo_server.host import Host
from convo_server.payload import payload_response, read_payload
from convo_server.threads import Threads

__all__ = ["Shares"]

_HEADERS = {"X-Robots-Tag": "noindex"}


class _Wanted(Struct, forbid_unknown_fields=True):
    kind: Literal["snapshot", "live"]


class Shares:
    """The endpoints, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads

    async def create(self, request: Request) -> Response:
        """`POST api/v1/threads/{id}/shares`: with `kind`, `snapshot` or `live`; a `ShareInfo`."""
        principal = await self._threads.authenticate(request)
        wanted = read_payload(await self._threads.body(request), _Wanted, refusal="Not a share to make")
        share = await self._host.directory.sharing.create(principal, request.path_params["id"], wanted.kind)
        return payload_response(share, status=201, headers=_HEADERS)

    async def list(self, request: Request) -> Response:
        """`GET api/v1/threads/{id}/shares`: a `ShareList`."""
        principal = await self._threads.authenticate(request)
        return payload_response(
            await self._host.directory.sharing.list_shares(principal, request.path_params["id"]), headers=_HEADERS
        )

    async def revoke(self, request: Request) -> Response:
        """`DELETE api/v1/threads/{id}/shares/{share}`: it works no more; a `ShareList` of those that do. Idempotent."""
        principal = await self._threads.authenticate(request)
        sharing, ids = self._host.directory.sharing, request.path_params
        await sharing.revoke(principal, ids["id"], ids["share"])
        return payload_response(await sharing.list_shares(principal, ids["id"]), headers=_HEADERS)

    async def read(self, request: Request) -> Response:
        """`GET api/v1/shares/{share}`: what is shared, as a snapshot."""
        principal = await self._threads.authenticate(request)
        return payload_response(
            await self._host.directory.viewing.read(principal, request.path_params["share"]), headers=_HEADERS
        )
