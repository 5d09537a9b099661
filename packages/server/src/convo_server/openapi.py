"""The OpenAPI 3.1 description of every HTTP route: made from the routes, the protocol's structs and the table here."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from convo.protocol import (
    PROTOCOL_VERSION,
    Answer,
    AppInfo,
    AuthInfo,
    Command,
    Connect,
    Credentials,
    Failure,
    FavouriteList,
    FileInfo,
    FindingList,
    Hello,
    MessageRequest,
    Removal,
    RunReply,
    ShareInfo,
    ShareList,
    SignInList,
    Snapshot,
    ThreadInfo,
    ThreadList,
    Token,
    TokenRequest,
    encode,
)
from convo.routes import STATUS, Shape
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from convo_server.policy import PUBLIC, ROUTES
from convo_server.routes import LeafRoute
from convo_server.runs import MOST_SECONDS

__all__ = ["DESCRIBED", "OpenAPI", "describe"]

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_BYTES: Schema = {"type": "string", "format": "binary"}
_WAIT: Schema = {"type": "number", "minimum": 0, "maximum": MOST_SECONDS}
_KEY: Schema = {"type": "string", "minLength": 1, "maxLength": 128}
_FILE: Schema = {"description": "The file's bytes."}
_EVENTS: Schema = {"description": "Server-sent events."}
_STATUS: Schema = {"type": "object", "properties": {"status": _TEXT}, "required": ["status"]}


def _shown(media: str, text: str = "") -> Shape:
    return Shape(answer=_BYTES, media=media, text=text)


_PAGE = Shape(
    answer=_BYTES,
    media="text/html",
    also={
        "application/json": {
            "type": "object",
            "properties": {"name": _TEXT, "protocol": _COUNT, "api": _TEXT, "socket": _TEXT},
            "required": ["name", "protocol", "api", "socket"],
        }
    },
    text="The page; without the web app, where the API is. It makes its reader known to the server, by a cookie.",
)

DESCRIBED: Mapping[str, Shape] = {
    "page": _PAGE,
    "thread-page": _PAGE,
    "element-page": _PAGE,
    "login-page": _PAGE,
    "share-page": _PAGE,
    "shared-element-page": _PAGE,
    "asset": Shape(answer=_FILE, media="*/*"),
    "copilot-script": _shown("text/javascript"),
    "copilot-config": Shape(answer={"type": "object"}, query={"language": _TEXT}),
    "copilot-module": _shown("text/javascript"),
    "frame": _shown("text/html"),
    "element-frame": _shown("text/html"),
    "public": Shape(answer=_FILE, media="*/*"),
    "avatar": _shown("image/*"),
    "element": Shape(
        answer={
            "type": "object",
            "properties": {"file": _TEXT, "hash": _TEXT, "source": _TEXT},
            "required": ["file", "hash", "source"],
        }
    ),
    "element-types": _shown("text/plain"),
    "theme": _shown("text/css"),
    "health": Shape(answer=_STATUS),
    "ready": Shape(answer=_STATUS),
    **{
        f"platform-{name}": Shape(
            text=f"What {name.title()} sends: its bridge checks who sent it, and answers. Not there where the app is "
            "not on that platform.",
        )
        for name in ("discord", "slack", "teams")
    },
    "openapi": Shape(answer={"type": "object"}),
    "app": Shape(answer=AppInfo, query={"profile": _TEXT, "language": _TEXT}),
    "oauth": Shape(status=302),
    "oauth-callback": Shape(status=302, query={"code": _TEXT, "state": _TEXT, "error": _TEXT}),
    "auth": Shape(answer=AuthInfo),
    "login": Shape(status=204, body=Credentials),
    "logout": Shape(status=204),
    "logout-everywhere": Shape(status=204),
    "auth-sessions": Shape(answer=SignInList),
    "auth-session": Shape(status=204),
    "auth-token": Shape(
        answer=Token,
        body={"type": "object", "properties": {"assertion": _TEXT}, "additionalProperties": False},
        is_body_needed=False,
    ),
    "auth-tokens": Shape(answer=SignInList),
    "auth-token-make": Shape(answer=Token, status=201, body=TokenRequest),
    "auth-token-end": Shape(status=204),
    "threads": Shape(answer=Hello, status=201, body=Connect, is_body_needed=False),
    "thread-list": Shape(
        answer=ThreadList,
        query={"first": _COUNT, "cursor": _TEXT, "pinned": {"type": "string", "enum": ["true", "false"]}},
    ),
    "thread-search": Shape(answer=FindingList, query={"q": _TEXT, "first": _COUNT, "cursor": _TEXT}),
    "favourites": Shape(answer=FavouriteList, query={"first": _COUNT, "cursor": _TEXT}),
    "thread": Shape(answer=Snapshot),
    "thread-change": Shape(
        answer=ThreadInfo,
        body={
            "type": "object",
            "properties": {"name": {"type": ["string", "null"]}, "pinned": {"type": ["boolean", "null"]}},
            "additionalProperties": False,
        },
    ),
    "thread-delete": Shape(answer=Removal),
    "thread-restore": Shape(answer=ThreadInfo),
    "thread-export": Shape(
        answer=_TEXT,
        media="text/markdown",
        also={"text/html": _TEXT, "application/json": {"type": "object"}},
        query={"format": {"type": "string", "enum": ["markdown", "html", "json"]}},
    ),
    "events": Shape(answer=_EVENTS, media="text/event-stream", query={"after": _TEXT}),
    "commands": Shape(answer=Answer, refusals={"application/json": Answer}, body=Command),
    "messages": Shape(answer=RunReply, body=MessageRequest, query={"wait": _WAIT}, headers={"Idempotency-Key": _KEY}),
    "run": Shape(answer=RunReply, query={"wait": _WAIT}),
    "run-stop": Shape(answer=RunReply),
    "files": Shape(answer=FileInfo, status=201, body=_BYTES, takes="*/*", query={"name": _TEXT, "ask": _TEXT}),
    "file": Shape(answer=_FILE, media="*/*", query={"download": _TEXT}),
    "file-discard": Shape(status=204),
    "shares": Shape(
        answer=ShareInfo,
        status=201,
        body={
            "type": "object",
            "properties": {"kind": {"type": "string", "enum": ["snapshot", "live"]}},
            "required": ["kind"],
            "additionalProperties": False,
        },
    ),
    "share-list": Shape(answer=ShareList),
    "share-revoke": Shape(answer=ShareList),
    "share": Shape(answer=Snapshot),
    "shared-events": Shape(answer=_EVENTS, media="text/event-stream", query={"after": _TEXT}),
    "shared-file": Shape(answer=_FILE, media="*/*", query={"download": _TEXT}),
    "socket": Shape(
        answer=_BYTES,
        media="text/plain",
        refusals={"text/plain": _TEXT},
        text="Socket.IO, by WebSocket or long polling: for its own clients. What goes through it is in "
        "`docs/protocol.schema.json`.",
        query={"EIO": _TEXT, "transport": _TEXT, "sid": _TEXT},
    ),
}
"""By the routes' names."""

_METHODS = {"socket": {"GET", "POST"}}
"""Of routes that do not say them; else it is `POST`."""

_CODES = ", ".join(f"`{code}` ({status})" for code, status in STATUS.items())


class OpenAPI:
    """The endpoint, for the routes it is one of."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._routes = routes
        self._by_root: dict[str, bytes] = {}

    async def read(self, request: Request) -> Response:
        """`GET api/v1/openapi.json`: this description."""
        root = request.scope.get("root_path", "")
        if root not in self._by_root:
            self._by_root = {root: encode(describe(self._routes, root=root))}
        headers = {"Cache-Control": "no-cache"}
        return Response(self._by_root[root], headers=headers, media_type="application/json")


def describe(routes: Iterable[BaseRoute], *, root: str = "") -> dict[str, Any]:
    """The description of `routes`, whose paths are below `root`."""
    described = [(route, shape) for route in routes if isinstance(route, Route) and (shape := _shape(route))]
    kinds = [Failure, *(kind for _, shape in described for kind in _kinds(shape) if not isinstance(kind, Mapping))]
    shown, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    schemas = dict(zip(map(id, kinds), shown, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route, shape in described:
        path = re.sub(r":[a-z]+}", "}", route.path)
        methods = sorted((route.methods or _METHODS.get(route.name, {"POST"})) - {"HEAD"})
        for method in methods:
            name = route.name if len(methods) == 1 else f"{route.name}-{method.lower()}"
            paths.setdefault(path, {})[method.lower()] = {"operationId": name} | _operation(
                route, method, shape, schemas
            )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "convo",
            "version": str(PROTOCOL_VERSION),
            "description": "What is not asked for as it is described gets a `Failure`. Its codes, and their statuses: "
            f"{_CODES}. What is another's is `not-found`.",
        },
        "servers": [{"url": root or "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "convo-8000",
                    "description": "The page hands it out to visitors; its name ends with the port that browsers "
                    "see. Users get `convo-login-8000` when they log in. Over https both begin with `__Host-`.",
                },
                "token": {"type": "http", "scheme": "bearer", "description": "Of a user: `api/v1/auth/tokens`."},
            },
        },
    }


def _shape(route: Route) -> Shape | None:
    """`None` for a leaf's that describes none."""
    return route.endpoint.shape if isinstance(route.endpoint, LeafRoute) else DESCRIBED.get(route.name, Shape())


def _kinds(shape: Shape) -> Iterator[Any]:
    """All that is in bodies."""
    for media in (shape.also, shape.refusals):
        yield from (media or {}).values()
    yield from (kind for kind in (shape.answer, shape.body) if kind is not None)


def _operation(route: Route, method: str, shape: Shape, schemas: Mapping[int, Any]) -> dict[str, Any]:
    def schema(kind: Any) -> Any:
        return kind if isinstance(kind, Mapping) else schemas[id(kind)]

    endpoint = route.endpoint
    leaf, verb = (endpoint.leaf, endpoint.verb) if isinstance(endpoint, LeafRoute) else ("api", ROUTES.get(route.name))
    text = shape.text or re.sub(r"^`[A-Z]+ [^`]*`: ", "", " ".join((inspect.getdoc(endpoint) or "").split()))
    operation: dict[str, Any] = {
        "description": text,
        "tags": ["page" if route.name in PUBLIC else leaf],
        "security": [] if route.name in PUBLIC else [{"cookie": []}, {"token": []}],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in re.findall(r"{(\w+)", route.path)
        ]
        + [{"name": name, "in": "query", "schema": schema} for name, schema in (shape.query or {}).items()]
        + [{"name": name, "in": "header", "schema": schema} for name, schema in (shape.headers or {}).items()],
        "responses": _responses(shape, schema),
    }
    if verb is not None:
        operation["x-convo-verb"] = verb
    if shape.body is not None and method != "GET":
        operation["requestBody"] = {
            "required": shape.is_body_needed,
            "content": {shape.takes: {"schema": schema(shape.body)}},
        }
    return operation


def _responses(shape: Shape, schema: Callable[[Any], Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "As asked for."}
    if shape.answer is not None:
        given = {shape.media: shape.answer} | dict(shape.also or {})
        answer["content"] = {media: {"schema": schema(kind)} for media, kind in given.items()}
    refusals = {media: schema(kind) for media, kind in (shape.refusals or {}).items()}
    failure = schema(Failure)
    own = refusals.get("application/json")
    refusals["application/json"] = failure if own is None else {"anyOf": [own, failure]}
    return {
        str(shape.status): answer,
        **({"204": {"description": shape.empty}} if shape.empty else {}),
        "default": {
            "description": "A typed error.",
            "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds, of some."}},
            "content": {media: {"schema": kind} for media, kind in refusals.items()},
        },
    }
