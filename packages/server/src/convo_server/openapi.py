"""The OpenAPI 3.1 description of every HTTP route: made from the routes, the protocol's structs and the table here."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    Removal,
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
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from convo_server.errors import STATUS
from convo_server.policy import PUBLIC, ROUTES

__all__ = ["DESCRIBED", "OpenAPI", "Shape", "describe"]

Schema = Mapping[str, Any]
Kind = type | Schema

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_BYTES: Schema = {"type": "string", "format": "binary"}
_STATUS: Schema = {"type": "object", "properties": {"status": _TEXT}, "required": ["status"]}


@dataclass(frozen=True)
class Shape:
    """What a route takes and gives, as far as its function does not say it.

    Types are structs of the protocol, or JSON Schemas; `media` is the answer's media type, `takes` that of the body.
    """

    answer: Any = None
    status: int = 200
    media: str = "application/json"
    body: Any = None
    takes: str = "application/json"
    is_body_needed: bool = True
    query: Mapping[str, Schema] | None = None
    methods: tuple[str, ...] = ()
    """Where the route itself does not say them."""
    text: str = ""
    """Where its function has no docstring to say it."""


def _shown(media: str, text: str = "") -> Shape:
    return Shape(answer=_BYTES, media=media, text=text)


_PAGE = _shown("text/html", "The page. It makes its reader known to the server, by a cookie.")

DESCRIBED: Mapping[str, Shape] = {
    "page": _PAGE,
    "thread-page": _PAGE,
    "element-page": _PAGE,
    "login-page": _PAGE,
    "share-page": _PAGE,
    "shared-element-page": _PAGE,
    "asset": _shown("application/octet-stream"),
    "frame": _shown("text/html"),
    "element-frame": _shown("text/html"),
    "public": _shown("application/octet-stream"),
    "avatar": _shown("image/*"),
    "element": Shape(
        answer={
            "type": "object",
            "properties": {"file": _TEXT, "hash": _TEXT, "source": _TEXT},
            "required": ["file", "hash", "source"],
        }
    ),
    "element-types": _shown("text/plain"),
    "health": Shape(answer=_STATUS),
    "ready": Shape(answer=_STATUS),
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
        answer=_BYTES, media="*/*", query={"format": {"type": "string", "enum": ["markdown", "html", "json"]}}
    ),
    "events": Shape(answer=_TEXT, media="text/event-stream", query={"after": _TEXT}),
    "commands": Shape(answer=Answer, body=Command),
    "files": Shape(answer=FileInfo, status=201, body=_BYTES, takes="*/*", query={"name": _TEXT, "ask": _TEXT}),
    "file": Shape(answer=_BYTES, media="*/*", query={"download": _TEXT}),
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
    "shared-events": Shape(answer=_TEXT, media="text/event-stream", query={"after": _TEXT}),
    "shared-file": Shape(answer=_BYTES, media="*/*", query={"download": _TEXT}),
    "socket": Shape(
        answer=_BYTES,
        media="text/plain",
        methods=("GET", "POST"),
        text="Socket.IO, by WebSocket or long polling: for its own clients. What goes through it is in "
        "`docs/protocol.schema.json`.",
        query={"EIO": _TEXT, "transport": _TEXT, "sid": _TEXT},
    ),
}
"""By the routes' names."""

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
    http = [route for route in routes if isinstance(route, Route)]
    kinds = [Failure]
    for route in http:
        shape = DESCRIBED.get(route.name, Shape())
        kinds += [kind for kind in (shape.answer, shape.body) if kind is not None and not isinstance(kind, Mapping)]
    shown, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    schemas = dict(zip(map(id, kinds), shown, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in http:
        shape = DESCRIBED.get(route.name, Shape())
        path = re.sub(r":[a-z]+}", "}", route.path)
        methods = sorted((route.methods or set(shape.methods)) - {"HEAD"})
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
                    "see. Users get `convo-login-8000`, or over https `__Host-convo-login-443`, when they log in.",
                },
                "token": {"type": "http", "scheme": "bearer", "description": "Of a user: `api/v1/auth/tokens`."},
            },
        },
    }


def _operation(route: Route, method: str, shape: Shape, schemas: Mapping[int, Any]) -> dict[str, Any]:
    def schema(kind: Any) -> Any:
        return kind if isinstance(kind, Mapping) else schemas[id(kind)]

    text = shape.text or re.sub(r"^`[A-Z]+ [^`]*`: ", "", " ".join((inspect.getdoc(route.endpoint) or "").split()))
    answer: dict[str, Any] = {"description": "As asked for."}
    if shape.answer is not None:
        answer["content"] = {shape.media: {"schema": schema(shape.answer)}}
    operation: dict[str, Any] = {
        "description": text,
        "tags": ["page" if route.name in PUBLIC else "api"],
        "security": [] if route.name in PUBLIC else [{"cookie": []}, {"token": []}],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in re.findall(r"{(\w+)", route.path)
        ]
        + [{"name": name, "in": "query", "schema": schema} for name, schema in (shape.query or {}).items()],
        "responses": {
            str(shape.status): answer,
            "default": {
                "description": "A typed error.",
                "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds, of some."}},
                "content": {"application/json": {"schema": schemas[id(Failure)]}},
            },
        },
    }
    if route.name in ROUTES:
        operation["x-convo-verb"] = ROUTES[route.name]
    if shape.body is not None and method != "GET":
        operation["requestBody"] = {
            "required": shape.is_body_needed,
            "content": {shape.takes: {"schema": schema(shape.body)}},
        }
    return operation
