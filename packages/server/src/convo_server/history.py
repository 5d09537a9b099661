"""The routes of a principal's threads as a whole: listed, searched, renamed, pinned, deleted, restored; favourites."""

from __future__ import annotations

from convo.protocol import CommandError
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from convo_server.host import Host
from convo_server.payload import payload_response, read_payload
from convo_server.threads import Threads

__all__ = ["History"]


class _Changes(Struct, forbid_unknown_fields=True):
    name: str | None = None
    pinned: bool | None = None


class History:
    """The endpoints, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads

    async def list(self, request: Request) -> Response:
        """`GET api/v1/threads?first=&cursor=&pinned=`: a `ThreadList`."""
        principal = await self._threads.authenticate(request)
        page = await self._host.directory.history.list_threads(
            principal,
            first=_number(request, "first", 30),
            cursor=request.query_params.get("cursor"),
            pinned=_flag(request, "pinned"),
        )
        return payload_response(page)

    async def search(self, request: Request) -> Response:
        """`GET api/v1/threads/search?q=&first=&cursor=`: a `FindingList`."""
        principal = await self._threads.authenticate(request)
        page = await self._host.directory.history.search(
            principal,
            request.query_params.get("q", ""),
            first=_number(request, "first", 20),
            cursor=request.query_params.get("cursor"),
        )
        return payload_response(page)

    async def favourites(self, request: Request) -> Response:
        """`GET api/v1/favourites?first=&cursor=`: a `FavouriteList`."""
        principal = await self._threads.authenticate(request)
        page = await self._host.directory.history.list_favourites(
            principal, first=_number(request, "first", 30), cursor=request.query_params.get("cursor")
        )
        return payload_response(page)

    async def change(self, request: Request) -> Response:
        """`PATCH api/v1/threads/{id}`: with `name` or `pinned`; the `ThreadInfo` as it is now."""
        principal = await self._threads.authenticate(request)
        body = await self._threads.body(request)
        changes = read_payload(body, _Changes, refusal="Not a change of a thread")
        thread = await self._host.directory.history.change(
            principal, request.path_params["id"], name=changes.name, pinned=changes.pinned
        )
        return payload_response(thread)

    async def delete(self, request: Request) -> Response:
        """`DELETE api/v1/threads/{id}`: a `Removal`, which says how long it can be restored. Idempotent."""
        principal = await self._threads.authenticate(request)
        return payload_response(await self._host.directory.history.delete(principal, request.path_params["id"]))

    async def restore(self, request: Request) -> Response:
        """`POST api/v1/threads/{id}/restore`: undo `delete`; the `ThreadInfo`."""
        principal = await self._threads.authenticate(request)
        return payload_response(await self._host.directory.history.restore(principal, request.path_params["id"]))


def _number(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name)
    if value is None:
        return default
    if not value.isdecimal() or len(value) > 9:
        raise CommandError("invalid", f"`{name}` is a number.")
    return int(value)


def _flag(request: Request, name: str) -> bool | None:
    value = request.query_params.get(name)
    if value not in (None, "true", "false"):
        raise CommandError("invalid", f"`{name}` is `true` or `false`.")
    return None if value is None else value == "true"
