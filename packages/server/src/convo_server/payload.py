"""Payloads: the JSON that a request brings, and that a response takes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from convo.protocol import CommandError, decode_json, encode
from msgspec import Struct
from starlette.responses import Response

__all__ = ["payload_response", "read_payload"]

T = TypeVar("T", bound=Struct)


def read_payload(body: bytes, kind: type[T], *, refusal: str) -> T:
    """`body` as a `kind`. Raises `CommandError`: `invalid`, in which `refusal` says what it is not."""
    try:
        return msgspec.convert(decode_json(body), kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise CommandError("invalid", f"{refusal}: {error}.") from error


def payload_response(value: Struct, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`value` as JSON, which nobody on the way may keep."""
    kept = {"Cache-Control": "no-store"} | dict(headers or {})
    return Response(encode(value), status, headers=kept, media_type="application/json")
