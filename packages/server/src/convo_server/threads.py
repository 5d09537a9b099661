"""The routes of `api/v1/threads`: begin, read and steer a thread by plain HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
from convo.dispatcher import dispatch
from convo.principal import Principal, authorize
from convo.protocol import PROTOCOL_VERSION, Answer, CommandError, Connect, decode_command, decode_json
from convo.routes import STATUS
from starlette.requests import Request
from starlette.responses import Response

from convo_server.allowance import Allowances
from convo_server.host import Host
from convo_server.payload import payload_response
from convo_server.trace import trace_of

__all__ = ["Threads"]


class Threads:
    """The endpoints, for a Host."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._allowances = Allowances(lambda: host.config.limits.commands_per_second)

    async def authenticate(self, request: Request) -> Principal:
        """Who is asking, from a page that may ask, and not too often. Raises `CommandError`."""
        principal = await self.recognise(request)
        self._allowances.spend(principal.id)
        return principal

    async def recognise(self, request: Request) -> Principal:
        """Who is asking, from a page that may ask: for what a page fetches many of. Raises `CommandError`."""
        return await self._host.authentication.authenticate(request)

    async def create(self, request: Request) -> Response:
        """`POST api/v1/threads`: a new session with its thread. The body may hold fields of a connect frame."""
        principal = await self.authenticate(request)
        authorize(principal, "thread:create", principal.id)
        body = await self.body(request)
        try:
            fields = msgspec.convert(decode_json(body) if body else {}, dict[str, Any])
            connect = msgspec.convert({"protocol": PROTOCOL_VERSION, "client": "api"} | fields, Connect)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise CommandError("invalid", f"Not a valid connect frame: {error}.") from error
        if connect.thread is not None or connect.session is not None:
            raise CommandError("invalid", "A new thread cannot be one that is there already.")
        connection = await self._host.directory.connect(principal, connect, trace=trace_of(request))
        try:
            return payload_response(connection.hello, status=201)
        finally:
            connection.close()

    async def read(self, request: Request) -> Response:
        """`GET api/v1/threads/{id}`: the thread as a snapshot. Makes no session."""
        principal = await self.authenticate(request)
        return payload_response(await self._host.directory.read(principal, request.path_params["id"]))

    async def command(self, request: Request) -> Response:
        """`POST api/v1/threads/{id}/commands`: the body is a command, the response its answer."""
        principal = await self.authenticate(request)
        body = await self.body(request)
        command = decode_command(body)
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", thread=request.path_params["id"])
        session, client = await self._host.directory.open(principal, connect, trace=trace_of(request))
        answer = dispatch(session, command, principal, client)
        return payload_response(answer, status=_status(answer))

    async def body(self, request: Request) -> bytes:
        """A request's body, read no further than the limit. Raises `CommandError`: `too-large`."""
        limit = self._host.config.limits.frame_bytes
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise CommandError("too-large", f"A request may have {limit:,} bytes.", details={"limit": limit})
        return bytes(body)


def _status(answer: Answer) -> int:
    return 200 if answer.error is None else STATUS[answer.error.code]
