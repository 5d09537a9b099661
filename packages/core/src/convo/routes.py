"""Routes: what a leaf serves over HTTP, each behind the server's `authenticate` and `authorize`.

A package announces a function of the `Config` by the entry point group `convo.routes`; it returns `Route`s. They are
served while `[integrations] NAME` is on, NAME being that of the entry point.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from convo.connection import Connection
from convo.directory import Directory
from convo.principal import Principal
from convo.protocol import ErrorCode, Failure, encode
from convo.run import Trace

__all__ = ["STATUS", "VISIT", "Route", "Shape", "Visit"]

ASGI = Callable[[Any, Any, Any], Awaitable[None]]

STATUS: Mapping[ErrorCode, int] = {
    "unauthenticated": 401,
    "invalid": 400,
    "not-found": 404,
    "too-large": 413,
    "rate-limited": 429,
    "conflict": 409,
    "expired": 410,
    "unavailable": 503,
    "unsupported": 501,
    "internal": 500,
}
"""The HTTP status of each code of the protocol."""

VISIT = "convo.visit"
"""The key of the `Visit` in the scope of a leaf's ASGI app."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a route takes and gives, as the OpenAPI description of an app shows it.

    What is in a body is a type that msgspec knows, as a `Struct` or a `TypedDict`, or a JSON Schema. Every route may
    answer with a `Failure` besides.
    """

    answer: Any = None
    """What is in its answer; `None` for one without a body."""
    status: int = 200
    media: str = "application/json"
    """The media type of the answer."""
    also: Mapping[str, Any] | None = None
    """What else may be in its answer, by media type, as a stream for who asks so."""
    empty: str = ""
    """When it answers 204, with nothing."""
    refusals: Mapping[str, Any] | None = None
    """What is in its errors, by media type, where that is no `Failure`."""
    body: Any = None
    """What is in a request's body; `None` for one without."""
    takes: str = "application/json"
    """The media type of a request's body."""
    is_body_needed: bool = True
    query: Mapping[str, Mapping[str, Any]] | None = None
    """JSON Schemas of the query's parameters, by name. None of them is needed."""
    headers: Mapping[str, Mapping[str, Any]] | None = None
    """The same of the request's headers."""
    text: str = ""
    """What it is for, in Markdown, where the docstring of its function does not say it."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path of a leaf's from the app's root, as `/v1/models/{id}`: what stands for `{id}` is in `path_params`.

    `verb` is the one of `convo.principal.POLICY` that a request needs; a route without a known one is an error at the
    start. `app` is a plain ASGI app, called for who may come in alone. `refusal` writes, as JSON, why somebody may not.
    A route with a `shape` is in the app's OpenAPI description.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    verb: str
    app: ASGI
    refusal: Callable[[Failure], bytes] = encode
    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is known and may make it; `base_url` is where he sees the app's root, without `/`.

    What belongs to a thread is still for the `directory` to allow. `oversee` is for a connection that stays open: it
    calls the function it gets with why, once its user is signed out (`None`: he may come back at once), until what it
    returns is called.
    """

    principal: Principal
    directory: Directory
    base_url: str
    trace: Trace | None
    oversee: Callable[[Connection, Callable[[Failure | None], None]], Callable[[], None]]
