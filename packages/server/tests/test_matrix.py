"""Who may do what: every HTTP route, every command, every stream, for everybody who might ask.

The routes and commands are those that there are: one that says here neither how it is asked for nor what that gives
fails. Those who ask are in `Stage.actors`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import convo
import httpx
import pytest
from convo.memory import MemoryDataLayer
from convo.principal import POLICY, Principal
from convo.protocol import COMMANDS, Saved, decode_command, encode
from convo_server.policy import PUBLIC, ROUTES
from msgspec import inspect
from msgspec.structs import replace
from starlette.routing import Route

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
SECRET = "only I know that the key is under the mat"
NOT_YOURS = "There is no such thread, or it is not yours."


@dataclass(frozen=True)
class Call:
    """How a route is asked for."""

    method: str = "GET"
    query: str = ""
    body: Any = None
    data: bytes | None = None
    status: int = 200
    """For its owner."""
    visitors: int | None = None
    """For whoever is known where nobody logs in, if that is something else."""
    order: int = 0
    """Later where it changes what others could be asked for afterwards."""
    is_leaving: bool = False
    """Who is signed in is not afterwards, so only others ask."""
    is_guarded: bool = False
    """Anybody may use it, but from a page of the app's own."""


CALLS: Mapping[str, Call] = {
    "page": Call(),
    "thread-page": Call(),
    "element-page": Call(),
    "login-page": Call(),
    "share-page": Call(),
    "shared-element-page": Call(),
    "asset": Call(status=404),
    "frame": Call(status=404),
    "element-frame": Call(status=404),
    "element": Call(status=404),
    "element-types": Call(status=404),
    "theme": Call(),
    "copilot-script": Call(status=404),
    "copilot-module": Call(status=404),
    "copilot-config": Call(is_guarded=True),
    "public": Call(status=404),
    "avatar": Call(status=404),
    "health": Call(),
    "ready": Call(),
    "platform-discord": Call("POST", status=404),
    "platform-slack": Call("POST", status=404),
    "platform-teams": Call("POST", status=404),
    "openapi": Call(),
    "app": Call(),
    "oauth": Call(status=404),
    "oauth-callback": Call(status=404),
    "auth": Call(),
    "login": Call("POST", body={"username": "ann", "password": "guess"}, status=401, visitors=501, is_guarded=True),
    "logout": Call("POST", status=204, is_leaving=True, is_guarded=True),
    "logout-everywhere": Call("POST", status=204, is_leaving=True, is_guarded=True),
    "auth-sessions": Call(),
    "auth-session": Call("DELETE", status=204, visitors=401, order=1),
    "auth-token": Call("POST", visitors=400),
    "auth-tokens": Call(),
    "auth-token-make": Call("POST", body={"label": "matrix"}, status=201, visitors=401),
    "auth-token-end": Call("DELETE", status=204, visitors=401, order=1),
    "threads": Call("POST", status=201),
    "thread-list": Call(),
    "thread-search": Call(query="q=mat"),
    "favourites": Call(),
    "thread": Call(),
    "thread-change": Call("PATCH", body={"name": "mine"}),
    "thread-delete": Call("DELETE", order=2),
    "thread-restore": Call("POST", status=404),  # nothing was deleted
    "thread-export": Call(query="format=json"),
    "events": Call(query="after=x:1"),
    "commands": Call("POST", body={"kind": "stop", "id": "matrix"}),
    "messages": Call("POST", query="wait=10", body={"content": "more"}, order=1),
    "run": Call(),
    "run-stop": Call("POST"),
    "files": Call("POST", query="name=a.png", data=PNG, status=201),
    "file": Call(),
    "file-discard": Call("DELETE", status=204),
    "shares": Call("POST", body={"kind": "live"}, status=201),
    "share-list": Call(),
    "share-revoke": Call("DELETE", order=1),
    "share": Call(),
    "shared-events": Call(),
    "shared-file": Call(status=404),  # nobody has sent it yet
    "socket": Call(query="EIO=4&transport=polling"),  # who asks is asked for by the connect frame
}
OWN = {
    "app",
    "threads",
    "thread-list",
    "thread-search",
    "favourites",
    "auth-sessions",
    "auth-token",
    "auth-tokens",
    "auth-token-make",
}
"""Routes that anybody known may use, each for what is his."""

SHARED = {"share", "shared-events", "shared-file"}
"""Routes for anybody known who has the link."""


@dataclass
class Actor:
    """Somebody who asks. `refusal` is what he gets of what is the owner's."""

    name: str
    headers: dict[str, str] = field(default_factory=dict)
    refusal: tuple[int, str] = (401, "unauthenticated")
    is_foreign: bool = False
    """A page of somebody else's, in a browser of the owner's."""
    is_program: bool = False

    @property
    def is_known(self) -> bool:
        """Whether there is something of his own."""
        return self.refusal[0] == 404


class Stage:
    """A server with a thread of somebody's, in which there is something to know."""

    def __init__(self, server: Any, mode: str, owner: Any, tab: Any) -> None:
        self.server = server
        self.mode = mode
        self.tab = tab
        self.thread: str = tab.hello["thread"]
        self.session = server.host.directory.live(self.thread)
        self.file = self.share = ""
        self.ids: dict[str, str] = {}  # by route
        self.actors: list[Actor] = []
        self.http = httpx.AsyncClient(base_url=server.url)
        self.owner = Actor("owner", {"Cookie": owner.cookie}, (200, ""))

    @property
    def picture(self) -> bytes:
        """All there is of the thread, but for how far it is stored."""
        return encode(replace(self.session.state.view(), saved=Saved()))

    def path(self, route: Route) -> str:
        names = {
            "file": self.file,
            "run": next(iter(self.session.state.runs)),
            "share": self.share,
            "provider": "x",
            "element": "x",
            "name": "x",
            "author": "x",
            "path": "x",
            "widget": "0",
        }
        names["id"] = self.ids.get(route.name, self.thread)
        return route.path.replace(":path", "").replace(":int", "").format(**names).lstrip("/")

    async def ask(self, actor: Actor, route: Route) -> tuple[int, str]:
        call = CALLS[route.name]
        body = json.dumps(call.body).encode() if call.body is not None else call.data
        path = self.path(route) + (f"?{call.query}" if call.query else "")
        self.http.cookies.clear()  # that the page has handed out
        async with self.http.stream(call.method, path, content=body, headers=actor.headers) as response:
            if response.headers.get("content-type", "").startswith("text/event-stream"):
                return response.status_code, await anext(response.aiter_text())
            return response.status_code, (await response.aread()).decode("utf-8", "replace")

    def expected(self, actor: Actor, name: str) -> int:
        """The status that `actor` gets."""
        call = CALLS[name]
        status = call.visitors if self.mode == "visitors" and call.visitors is not None else call.status
        if call.is_leaving and "Authorization" in actor.headers:
            return 401  # a token that does not work signs nobody out
        if name == "socket" or (name in PUBLIC and not (call.is_guarded and actor.is_foreign)):
            return status
        if actor is self.owner:
            return status
        if not actor.is_known:
            return actor.refusal[0]
        if actor.is_program and ROUTES[name] == "account:change":
            return 401
        if self.mode == "visitors" and call.visitors is not None:
            return status
        return status if name in OWN | SHARED else actor.refusal[0]


@pytest.fixture
def app() -> convo.App:
    app = convo.App(data_layer=MemoryDataLayer())

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("I see.", actions=[convo.Action("press", payload={})]).send()

    @app.action_callback("press")
    async def press(action: convo.Action) -> None:
        raise AssertionError("Nobody but its owner presses it.")

    return app


def pages(owner: str) -> list[Actor]:
    """Others who make the owner's browser ask, and others who make up a cookie like his."""
    name, value = owner.rsplit("; ", 1)[-1].split("=", 1)
    told, other = {"Cookie": owner}, "y" if value[0] == "x" else "x"
    return [
        Actor("nobody"),
        Actor("a page of another origin", told | {"Origin": "https://evil.example"}, is_foreign=True),
        Actor("a page without an origin", told | {"Origin": "null"}, is_foreign=True),
        Actor("an image of another page", told | {"Sec-Fetch-Site": "cross-site"}, is_foreign=True),
        Actor("a form of a neighbour", told | {"Sec-Fetch-Site": "same-site"}, is_foreign=True),
        Actor("a cookie that was cut", {"Cookie": f"{name}={value[:-1]}"}),
        Actor("a cookie that was changed", {"Cookie": f"{name}={other}{value[1:]}"}),
        Actor("a cookie of another kind", {"Cookie": f"{name}={value.partition('.')[0]}"}),
        Actor("a token that is none", {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ."}),
    ]


async def among_visitors(stage: Stage, owner: Any) -> None:
    other = await stage.server.client()
    name, _, value = owner.cookie.partition("=")
    mixed = f"{name}={value.partition('.')[0]}.{other.cookie.partition('.')[2]}"
    stage.actors = [
        Actor("another visitor", {"Cookie": other.cookie}, (404, "not-found")),
        Actor("an id with another's signature", {"Cookie": mixed}),
        *pages(owner.cookie),
    ]


async def among_users(stage: Stage, owner: Any) -> None:
    async def logged_in(name: str) -> Any:
        client = await stage.server.client()
        assert (await client.post("api/v1/auth/login", {"username": name, "password": "sesame"})).status_code == 204
        return client

    async def token(client: Any, **fields: Any) -> dict[str, Any]:
        response = await client.post("api/v1/auth/tokens", {"label": "x"} | fields)
        made: dict[str, Any] = response.json()
        return made

    def bearer(made: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {made['token']}"}

    bob, gone, elsewhere = await logged_in("bob"), await logged_in("ann"), await logged_in("ann")
    last, ended, mine = gone.cookie, await token(owner), await token(owner)
    assert (await gone.post("api/v1/auth/logout")).status_code == 204
    assert (await owner.http.delete(f"api/v1/auth/tokens/{ended['id']}")).status_code == 204
    signed_in = (await elsewhere.http.get("api/v1/auth/sessions")).json()["signIns"]
    stage.ids = {
        "auth-session": next(one["id"] for one in signed_in if one.get("current")),
        "auth-token-end": mine["id"],
    }
    stage.actors = [
        Actor("another user", {"Cookie": bob.cookie}, (404, "not-found")),
        Actor("another user's program", bearer(await token(bob)), (404, "not-found"), is_program=True),
        Actor("a browser that was signed out", {"Cookie": last}),
        Actor("a token that was ended", bearer(ended)),
        Actor("a token that ran out", bearer(await token(owner, days=1e-9))),
        *pages(owner.cookie),
    ]


@pytest.fixture(params=["visitors", "users"])
async def stage(start, app, request) -> AsyncIterator[Stage]:
    limits = {"commands_per_second": 1e6}
    sections: dict[str, Any] = {"limits": limits, "features": {"allow_thread_sharing": True, "favorites": True}}
    if request.param == "users":
        app.password_auth_callback(lambda name, password: convo.User(name) if password == "sesame" else None)
        sections["auth"] = {"secret": "a secret of more than thirty-two characters", "attempts": 1000}
    server = await start(app, **sections)
    owner = await server.client()
    if request.param == "users":
        await owner.post("api/v1/auth/login", {"username": "ann", "password": "sesame"})
    tab = await owner.socket().connect()
    await tab.ask(SECRET)
    stage = Stage(server, request.param, owner, tab)
    url = f"api/v1/threads/{stage.thread}/files?name=a.png"
    shared = await owner.post(f"api/v1/threads/{stage.thread}/shares", {"kind": "live"})
    stage.share = shared.json()["id"]
    stage.file = (await owner.http.post(url, content=PNG)).json()["id"]
    await (among_visitors if request.param == "visitors" else among_users)(stage, owner)
    yield stage
    await stage.http.aclose()


def routes(stage: Stage) -> list[Route]:
    return [route for route in stage.server.asgi.routes if isinstance(route, Route)]


async def test_every_route_is_for_those_it_is_for(stage):
    assert CALLS.keys() == {route.name for route in routes(stage)}, "say in `CALLS` how a route is asked for"
    assert CALLS.keys() == ROUTES.keys() | PUBLIC
    for route in sorted(routes(stage), key=lambda route: CALLS[route.name].order):
        call, before = CALLS[route.name], stage.picture
        for actor in stage.actors:
            if call.is_leaving and actor.is_known:
                continue
            status, text = await stage.ask(actor, route)
            case = f"{actor.name}: {call.method} {route.path}: {status} {text[:200]}"
            if route.name not in SHARED or not actor.is_known:
                assert "under the mat" not in text, case
            assert stage.thread not in text, case
            assert status == stage.expected(actor, route.name), case
            if route.name in ROUTES.keys() - OWN - SHARED - {"socket"} and call.visitors is None:
                assert json.loads(text)["code"] == actor.refusal[1], case
            assert stage.picture == before, case
        if not call.is_leaving:
            status, text = await stage.ask(stage.owner, route)
            assert status == stage.expected(stage.owner, route.name), f"{route.name}: {status} {text[:200]}"


def command(kind: str, stage: Stage) -> dict[str, Any]:
    """One of this kind that would do something, if it were the owner's: all it names is there."""
    state = stage.session.state
    question = next(iter(state.steps))
    names = {
        "content": "forged",
        "messageId": question,
        "stepId": question,
        "leafId": question,
        "actionId": next(iter(state.actions)),
        "files": [stage.file],
    }
    made: dict[str, Any] = {"kind": kind, "id": f"matrix-{kind}"}
    for item in inspect.type_info(COMMANDS[kind]).fields:  # type: ignore[union-attr]
        if item.encode_name in names:
            made[item.encode_name] = names[item.encode_name]
        elif item.required and item.encode_name != "id":
            made[item.encode_name] = _some(item.type)
    decode_command(made)  # it is one
    return made


def _some(kind: inspect.Type) -> Any:
    match kind:
        case inspect.StrType():
            return "x"
        case inspect.BytesType():
            return "AAAA"
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return 1
        case inspect.DictType():
            return {}
        case inspect.ListType():
            return []
        case _:
            return None


async def test_no_command_is_done_for_anybody_else(stage):
    before, path = stage.picture, f"api/v1/threads/{stage.thread}/commands"
    connection = next(iter(stage.server.host.pump.readers)).connection
    for kind in COMMANDS:
        assert kind in POLICY
        sent = command(kind, stage)
        for actor in stage.actors:
            response = await stage.http.post(path, json=sent, headers=actor.headers)
            assert (response.status_code, response.json()["code"]) == actor.refusal, (kind, actor.name)
        # As if somebody else were connected already: nothing that was once allowed is remembered.
        connection.principal, owner = Principal("somebody"), connection.principal
        answer = connection.dispatch(sent)
        connection.principal = owner
        assert (answer.error.code, answer.error.text) == ("not-found", NOT_YOURS), kind
        assert stage.picture == before, kind
        assert not stage.session.runs


async def test_a_viewer_reads_and_does_nothing_else(stage):
    known = next(actor for actor in stage.actors if "Cookie" in actor.headers and actor.is_known)
    tab = await stage.tab.client.socket().connect(cookie=known.headers["Cookie"], share=stage.share)
    assert SECRET in json.dumps(tab.snapshots)
    before = stage.picture
    for kind in COMMANDS:
        sent = command(kind, stage)
        answer = await tab.io.call("command", sent, timeout=10)
        if kind != "page":
            assert answer["error"]["code"] == "unsupported", (kind, answer)
        assert stage.picture == before, kind
    for wrong in ("x", stage.share[:-1], f"{stage.share}x", stage.thread, stage.session.id):
        response = await stage.http.get(f"api/v1/shares/{wrong}", headers=known.headers)
        assert (response.status_code, response.json()["code"]) == (404, "not-found")


async def test_no_stream_is_resumed_by_anybody_else(stage):
    log = stage.session.log.id
    for actor in stage.actors:
        for way in ({"Last-Event-ID": f"{log}:1"}, {}):
            headers = actor.headers | way
            response = await stage.http.get(f"api/v1/threads/{stage.thread}/events?after={log}:0", headers=headers)
            assert (response.status_code, response.json()["code"]) == actor.refusal, actor.name


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_no_socket_joins_what_is_anothers(stage, transport):
    session, log = stage.session.id, stage.session.log.id
    ways: list[dict[str, Any]] = [
        {"thread": stage.thread},
        {"session": session},
        {"session": session, "thread": stage.thread, "log": log, "after": 1},
        {"session": session, "thread": "mine"},
    ]
    for actor in stage.actors:
        for fields in ways:
            tab = stage.tab.client.socket(transport=transport)
            headers = {name: value for name, value in actor.headers.items() if name != "Cookie"}
            code = await tab.refused(cookie=actor.headers.get("Cookie", ""), headers=headers, **fields)
            assert code == actor.refusal[1], (actor.name, fields)
            assert not tab.frames
            await tab.release()
    assert len(stage.session.connections) == 1


def test_every_verb_is_somebody_s_and_of_something():
    assert all(POLICY.values())
    assert {*ROUTES.values()} | COMMANDS.keys() <= POLICY.keys()
