"""What every struct of the wire shares: naming, ids, time, encoding."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

__all__ = [
    "PROTOCOL_VERSION",
    "Json",
    "WireStruct",
    "encode",
    "new_id",
    "timestamp",
    "well_formed",
]

PROTOCOL_VERSION = 1

Json: TypeAlias = Any  # any JSON value; msgspec validates the rest


def timestamp() -> str:
    """Now, as the wire writes it: ISO 8601, UTC, milliseconds, `Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def new_id() -> str:
    """A new id: 128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


class WireStruct(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """What all structs of the wire have in common."""


_encoder = msgspec.json.Encoder()
encode = _encoder.encode
"""Any wire struct as JSON bytes."""


def well_formed(text: str) -> str:
    """`text` as UTF-8 can carry it: surrogate pairs become their character, a lone half becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
