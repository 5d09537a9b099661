"""Errors as clients see them: a typed `Failure` as JSON, never a traceback."""

from __future__ import annotations

import logging
import math
import secrets

from convo.protocol import CommandError, ErrorCode, Failure, encode
from convo.routes import STATUS
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = [
    "Guard",
    "Refusal",
    "failure_response",
    "on_command_error",
    "on_http_exception",
    "on_refusal",
    "unexpected",
]

logger = logging.getLogger("convo_server.errors")

_CODES: dict[int, ErrorCode] = {401: "unauthenticated", 404: "not-found", 405: "unsupported", 413: "too-large"}


def failure_response(failure: Failure, *, status: int | None = None, headers: dict[str, str] | None = None) -> Response:
    """`failure` as JSON, with the status that belongs to its code."""
    headers = {"Cache-Control": "no-store"} | _headers_of(failure) | (headers or {})
    return Response(encode(failure), status or STATUS[failure.code], headers=headers, media_type="application/json")


def _headers_of(failure: Failure) -> dict[str, str]:
    """What HTTP wants said of a failure: when to try again, and how one says who one is (RFC 9110)."""
    headers = {}
    if failure.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(failure.retry_after))
    if failure.code == "unauthenticated":
        headers["WWW-Authenticate"] = 'Bearer realm="convo"'
    return headers


class Refusal(HTTPException):
    """A typed error in an endpoint that is not ours: whatever app it is in answers it as its own errors."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(STATUS[failure.code], failure.text, headers=_headers_of(failure))
        self.failure = failure


def unexpected(what: str) -> Failure:
    """Log the exception being handled, and give the client an id to quote."""
    error_id = secrets.token_hex(4)
    logger.exception("%s raised an exception (error %s)", what, error_id)
    return Failure(
        code="internal",
        text=f"Something went wrong on the server (error {error_id}).",
        key="server",
        details={"id": error_id},
    )


async def on_command_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, CommandError)
    return failure_response(error.failure)


async def on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return failure_response(error.failure)


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "invalid")
    text = "There is nothing here." if error.status_code == 404 else f"{error.detail}."
    return failure_response(Failure(code=code, text=text), status=error.status_code, headers=dict(error.headers or {}))


class Guard:
    """Around everything: what nobody caught is logged, and answered if there is still time to answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def watched(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:  # in the middle of its request: nobody is left to answer, and nothing is wrong here
            logger.info("A client left in the middle of %s %s", scope["method"], scope["path"])
        except Exception:  # a request must not end in a traceback for its client
            failure = unexpected(f"{scope['method']} {scope['path']}")
            if not has_started:
                await failure_response(failure)(scope, receive, send)
