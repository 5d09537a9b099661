"""What every struct of the wire shares: naming, ids, time, encoding."""

from __future__ import annotations

import base64
import json
import os
import time
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
    global _second
    second, milliseconds = divmod(int((time.time() + after) * 1000), 1000)
    written = _second
    if written[0] != second:  # once a second, not for each of the many events in it
        _second = written = (second, time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second)))
    return f"{written[1]}{milliseconds:03d}Z"


_second = (0, "1970-01-01T00:00:00.")
"""The one that was written last, since 1970, and how; one value, which threads exchange at once."""


class _Ids:
    """Made many at once: the system is asked for randomness seldom, which takes longer than all else about an id."""

    def __init__(self) -> None:
        self._fresh: list[str] = []
        if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
            os.register_at_fork(after_in_child=self._fresh.clear)  # two processes never give the same

    def new(self) -> str:
        """A new id: 132 random bits as 22 URL-safe characters."""
        try:
            return self._fresh.pop()
        except IndexError:
            text = base64.urlsafe_b64encode(os.urandom(_AT_ONCE * _ID_LENGTH * 6 // 8)).decode()
            self._fresh.extend(text[start : start + _ID_LENGTH] for start in range(0, len(text), _ID_LENGTH))
            return self.new()


_ID_LENGTH = 22
_AT_ONCE = 128  # a multiple of 4, whose bytes and characters come out even
new_id = _Ids().new


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
