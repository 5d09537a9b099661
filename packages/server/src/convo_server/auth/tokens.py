"""Tokens: signed statements that hold for a while (JWT with HS256): ours, and those of pages that embed the chat."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec

__all__ = ["Signer", "TokenError"]

_MOST_BYTES = 8192
_LEEWAY_SECONDS = 30.0  # by which clocks may differ


class TokenError(ValueError):
    """A token does not hold; the text says why."""


class Signer:
    """Signs and reads tokens with one secret. Takes HS256 alone, whatever a token says of itself."""

    def __init__(self, secret: str | bytes) -> None:
        self._secret = secret.encode() if isinstance(secret, str) else secret

    def sign(self, claims: dict[str, Any], *, seconds: float) -> str:
        """A token that holds for `seconds`."""
        head = _encode(msgspec.json.encode({"alg": "HS256", "typ": "JWT"}))
        body = _encode(msgspec.json.encode({**claims, "exp": int(time.time() + seconds)}))
        return f"{head}.{body}.{_encode(self._digest(f'{head}.{body}'))}"

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token that holds. Raises `TokenError`."""
        if len(token) > _MOST_BYTES or not token.isascii() or token.count(".") != 2:
            raise TokenError("it is no JWT")
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(_encode(self._digest(signed)), signature):
            raise TokenError("it is signed with another secret, or changed")
        head, body = (_claims(part) for part in signed.split("."))
        if head.get("alg") != "HS256":
            raise TokenError("it is not signed with HS256")
        expires_at, begins_at = body.get("exp"), body.get("nbf", 0)
        if not isinstance(expires_at, int | float) or not isinstance(begins_at, int | float):
            raise TokenError("it does not say with `exp` when it ends")
        if expires_at < time.time() - _LEEWAY_SECONDS:
            raise TokenError("it has expired")
        if begins_at > time.time() + _LEEWAY_SECONDS:
            raise TokenError("it does not hold yet")
        return body

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._secret, text.encode(), hashlib.sha256)


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _claims(part: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        raise TokenError("it holds no claims") from error
