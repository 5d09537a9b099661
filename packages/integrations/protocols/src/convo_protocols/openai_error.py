"""Errors as OpenAI's API writes them: what its SDKs raise is made of them."""

from __future__ import annotations

from typing import Any

import msgspec
from convo.protocol import Failure

__all__ = ["error_of", "refusal"]

_TYPES = {
    "unauthenticated": ("invalid_request_error", "invalid_api_key"),
    "rate-limited": ("rate_limit_error", "rate_limit_exceeded"),
    "unavailable": ("server_error", "unavailable"),
    "internal": ("server_error", "server_error"),
}


def error_of(failure: Failure) -> dict[str, Any]:
    """`failure` as the object that stands at `error`."""
    kind, code = _TYPES.get(failure.code, ("invalid_request_error", failure.code.replace("-", "_")))
    details = failure.details or {}
    return {"message": failure.text, "type": kind, "param": details.get("param"), "code": details.get("code", code)}


def refusal(failure: Failure) -> bytes:
    """A refusal's body."""
    return msgspec.json.encode({"error": error_of(failure)})
