"""The routes of shares: an owner makes, lists and revokes them, anybody who has one reads by it."""

from __future__ import annotations

from typing import Literal

import msgspec
from convo.protocol import CommandError, decode_json, encode
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from convo_server.host import Host
from convo_server.threads import Threads

__all__ = ["Shares"]


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
        try:
            wanted = msgspec.convert(decode_json(await self._threads.body(request)), _Wanted)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise CommandError("invalid", f"Not a share to make: {error}.") from error
        return _json(await self._host.directory.sharing.create(principal, request.path_params["id"], wanted.kind), 201)

    async def list(self, request: Request) -> Response:
        """`GET api/v1/threads/{id}/shares`: a `ShareList`."""
        principal = await self._threads.authenticate(request)
        return _json(await self._host.directory.sharing.list_shares(principal, request.path_params["id"]))

    async def revoke(self, request: Request) -> Response:
        """`DELETE api/v1/threads/{id}/shares/{share}`: it works no more; a `ShareList` of those that do. Idempotent."""
        principal = await self._threads.authenticate(request)
        sharing, ids = self._host.directory.sharing, request.path_params
        await sharing.revoke(principal, ids["id"], ids["share"])
        return _json(await sharing.list_shares(principal, ids["id"]))

    async def read(self, request: Request) -> Response:
        """`GET api/v1/shares/{share}`: what is shared, as a snapshot."""
        principal = await self._threads.authenticate(request)
        return _json(await self._host.directory.sharing.read(principal, request.path_params["share"]))


def _json(value: Struct, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    return Response(encode(value), status, headers=headers, media_type="application/json")
