"""What every struct of the wire shares: naming, ids, time, encoding."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import msgspec

__all__ = [
    "PROTOCOL_VERSION",
    "Json",
    "WireStruct",
    "decode_json",
    "encode",
    "new_id",
    "timestamp",
    "well_formed",
]

PROTOCOL_VERSION = 1

Json: TypeAlias = Any  # any JSON value; msgspec validates the rest


def timestamp(after: float = 0.0) -> str:
    """Now, or `after` seconds from now, as the wire writes it: ISO 8601, UTC, milliseconds, `Z`."""
    return (datetime.now(UTC) + timedelta(seconds=after)).isoformat(timespec="milliseconds").removesuffix(
        "+00:00"
    ) + "Z"


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


def decode_json(data: bytes | str) -> Json:
    """JSON as clients write it: JavaScript escapes half a character that stands alone, which becomes U+FFFD here.

    Raises `msgspec.DecodeError` for what is no JSON or nested too deeply.
    """
    try:
        return msgspec.json.decode(data)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deeply") from error
    except UnicodeError as error:
        raise msgspec.DecodeError("it is no UTF-8") from error
    except msgspec.DecodeError:
        escape = b"\\ud" if isinstance(data, bytes) else "\\ud"
        if escape not in data.lower():  # type: ignore[operator]  # both are of one type
            raise
        try:
            return _mended(json.loads(data, parse_constant=_refuse))
        except (ValueError, RecursionError):
            pass
        raise


def _mended(value: Json) -> Json:
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {well_formed(key): _mended(item) for key, item in value.items()}
    return value


def _refuse(constant: str) -> Json:
    raise ValueError(f"`{constant}` is no JSON.")
