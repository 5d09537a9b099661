"""The routes: `mcp/NAME/sign-in`, which sends a browser to a server's own page, and `mcp/callback`, its way back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, quote, urlsplit

from convo import Config
from convo.principal import authorize
from convo.protocol import CommandError, Failure, encode
from convo.routes import STATUS, VISIT, Route, Shape, Visit
from convo.run import Client
from convo.session import Session
from mcp.shared.auth import AuthorizationCodeResult

from convo_mcp.connections import Connections
from convo_mcp.settings import ServerSettings
from convo_mcp.sign_in import SignIn

__all__ = ["routes"]

VERB = "mcp-connect"
SETTLING_SECONDS = 30.0  # until the chat is shown, connected or not

_TEXT = {"type": "string"}
_LEAVING = Shape(
    status=303, query={"thread": _TEXT}, text="Sends a browser to where its user signs in at a server, for a chat."
)
_COMING_BACK = Shape(
    status=303,
    query=dict.fromkeys(("state", "code", "error", "iss"), _TEXT),
    text="Takes what the browser brings from there, and sends it to its chat.",
)

ASGI = Callable[[Any, Any, Any], Awaitable[None]]
Answer = Callable[[Visit, Mapping[str, str], Mapping[str, str]], Awaitable[str]]


def routes(config: Config) -> list[Route]:
    """Those of an App that has a server with a `url`, or lets users add one."""
    has_url = any(cast(ServerSettings, server).url is not None for server in config.mcp.servers.values())
    if not has_url and not config.mcp.own.allow:
        return []
    returning = _Returning()
    return [
        Route("sign-in", "/mcp/{name}/sign-in", ("GET",), VERB, _redirecting(returning.leave), shape=_LEAVING),
        Route("callback", "/mcp/callback", ("GET",), VERB, _redirecting(returning.come_back), shape=_COMING_BACK),
    ]


@dataclass(frozen=True, slots=True)
class _Away:
    """A user who is at a server's page."""

    principal_id: str
    session: Session
    sign_in: SignIn


class _Returning:
    """Who is away, by the `state` that only his browser and the server know."""

    def __init__(self) -> None:
        self._away: dict[str, _Away] = {}
        self._watching: set[asyncio.Task[None]] = set()

    async def leave(self, visit: Visit, path: Mapping[str, str], query: Mapping[str, str]) -> str:
        """Where a user signs in, for the chat that the query names. Raises `CommandError`."""
        principal, session = visit.principal, visit.directory.live(query.get("thread", ""))
        if session is None or session.is_ending:
            raise CommandError("not-found", "There is no such thread, or it is not yours.", key="thread")
        authorize(principal, VERB, session.owner_id)
        if not isinstance(session.mcp, Connections):
            raise CommandError("not-found", "This app has no MCP servers.")
        client = Client(user=principal.user, principal_id=principal.id, trace=visit.trace)
        sign_in = session.mcp.sign_in(path["name"], client, f"{visit.base_url}/mcp/callback")
        address = await asyncio.shield(sign_in.address)
        if address is None:
            return _chat(visit, session)
        state = _read(urlsplit(address).query)["state"]
        self._away[state] = _Away(principal.id, session, sign_in)
        task = asyncio.get_running_loop().create_task(self._watch(state, sign_in), name="convo-mcp-sign-in")
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)
        return address

    async def _watch(self, state: str, sign_in: SignIn) -> None:
        await sign_in.settled.wait()
        self._away.pop(state, None)

    async def come_back(self, visit: Visit, path: Mapping[str, str], query: Mapping[str, str]) -> str:
        """Take what a browser brings, once, from who began. Raises `CommandError`."""
        state = query.get("state", "")
        away = self._away.get(state)
        if away is None or away.principal_id != visit.principal.id:
            raise CommandError("not-found", "No such sign-in goes on: begin again in the chat.")
        authorize(visit.principal, VERB, away.session.owner_id)
        del self._away[state]
        code = query.get("code")
        is_refused = "error" in query or not code
        away.sign_in.finish(
            None if is_refused else AuthorizationCodeResult(code=code or "", state=state, iss=query.get("iss"))
        )
        try:
            async with asyncio.timeout(SETTLING_SECONDS):
                await away.sign_in.settled.wait()
        except TimeoutError:
            pass  # the chat shows how it goes on
        return _chat(visit, away.session)


def _chat(visit: Visit, session: Session) -> str:
    return f"{visit.base_url}/thread/{quote(session.thread_id, safe='')}"


def _redirecting(answer: Answer) -> ASGI:
    """An ASGI app that sends the browser to where `answer` says."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        query = _read(scope.get("query_string", b"").decode("latin-1"))
        try:
            address = await answer(scope[VISIT], scope.get("path_params") or {}, query)
        except CommandError as error:
            await _refuse(send, error.failure)
        else:
            await _respond(send, 303, {b"location": address.encode()}, b"")

    return app


def _read(query: str) -> dict[str, str]:
    """Its parameters; of one that comes twice, none."""
    try:
        return {name: values[0] for name, values in parse_qs(query, max_num_fields=50).items() if len(values) == 1}
    except ValueError:
        return {}


async def _refuse(send: Any, failure: Failure) -> None:
    await _respond(send, STATUS[failure.code], {b"content-type": b"application/json"}, encode(failure))


async def _respond(send: Any, status: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    always = {b"cache-control": b"no-store", b"referrer-policy": b"no-referrer"}
    written = list({**always, **headers, b"content-length": str(len(body)).encode()}.items())
    await send({"type": "http.response.start", "status": status, "headers": written})
    await send({"type": "http.response.body", "body": body, "more_body": False})
