"""Portraits: any value as JSON or text that a reader can read, however odd or large it is. Nothing here raises."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from convo.protocol import Json, encode, well_formed

__all__ = ["plain", "portray"]

DEPTH = 32
ITEMS = 50_000  # of all dicts and lists together
TEXT = 4_000_000  # characters of all texts together
_CUT = "…"
_HUGE = 1 << 63  # what JSON's readers take for an integer ends here


def portray(value: Any) -> tuple[str, str | None]:
    """A value as the text to show, and its language when it is not plain text."""
    if value is None:
        return "", None
    if isinstance(value, str):
        return value, None
    if isinstance(value, BaseException):
        return _exception(value), None
    seen = plain(value)
    if isinstance(seen, dict | list):
        return msgspec.json.format(encode(seen), indent=4).decode(), "json"
    return seen if isinstance(seen, str) else _text(value), None


def plain(value: Any) -> Json:
    """A value as JSON can carry it: what is no JSON becomes its text, what never ends is cut."""
    return _Sitting().plain(value, DEPTH)


class _Sitting:
    """One portrait: how much may still be drawn, and what is being drawn around the current place."""

    def __init__(self) -> None:
        self._items = ITEMS
        self._text = TEXT
        self._around: set[int] = set()

    def plain(self, value: Any, depth: int) -> Json:
        kind = type(value)  # what is JSON already is most of it, and is not asked what else it could be
        if kind is str:
            return self._cut(value)
        if value is None or kind is bool or (kind is int and -_HUGE < value < _HUGE):
            return value
        if kind is float and math.isfinite(value):
            return value
        if kind is dict or kind is list:
            return self._drawn(value, value, depth)
        if isinstance(value, enum.Enum):
            return self.plain(value.value, depth)
        if isinstance(value, int):
            return int(value) if abs(value) < _HUGE else str(value) if abs(value) < 1 << 4096 else _name(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(float(value))
        if isinstance(value, str):
            return self._cut(str(value))
        if isinstance(value, bytes | bytearray | memoryview):
            return f"<{len(value)} bytes>"
        if isinstance(value, BaseException):
            return self._cut(_exception(value))
        inner = _inner(value)
        return self._cut(_text(value)) if inner is None else self._drawn(value, inner, depth)

    def _drawn(self, value: Any, inner: Mapping[Any, Any] | Iterable[Any], depth: int) -> Json:
        """`inner` is what `value` consists of."""
        if id(value) in self._around:
            return f"<the {_name(value)} around this>"
        if depth <= 0:
            return _CUT
        self._around.add(id(value))
        try:
            if type(inner) is not list and isinstance(inner, dict | Mapping):
                return self._pairs(inner, depth)
            return self._list(inner, depth)
        except Exception:  # a class of the author's or of a library: whatever it does, it must be shown somehow
            return self._cut(_text(value))
        finally:
            self._around.discard(id(value))

    def _pairs(self, pairs: Mapping[Any, Any], depth: int) -> Json:
        drawn: dict[str, Json] = {}
        for key, value in pairs.items():
            self._items -= 1
            if self._items < 0 or self._text <= 0:
                drawn[_CUT] = f"{len(pairs) - len(drawn)} more"
                break
            name = self._cut(key if type(key) is str else _text(key))
            drawn[name] = self._cut(value) if type(value) is str else self.plain(value, depth - 1)
        return drawn

    def _list(self, values: Iterable[Any], depth: int) -> Json:
        drawn: list[Json] = []
        for value in values:
            self._items -= 1
            if self._items < 0 or self._text <= 0:
                drawn.append(_CUT)
                break
            drawn.append(self._cut(value) if type(value) is str else self.plain(value, depth - 1))
        return drawn

    def _cut(self, text: str) -> str:
        room = self._text
        self._text = left = room - len(text)
        if left >= 0:
            return text if text.isascii() else well_formed(text)
        return well_formed(text[: max(0, room)] + _CUT)


def _inner(value: Any) -> Mapping[Any, Any] | Iterable[Any] | None:
    """What a value consists of; `None` when it is shown as its text."""
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        fields = getattr(value, "_fields", None) if isinstance(value, tuple) else None
        return dict(zip(fields, value, strict=False)) if fields else value
    if isinstance(value, type):
        return None
    for take_apart in _WAYS:
        try:
            inner = take_apart(value)
        except Exception:  # as above
            inner = None
        if inner is not None:
            return inner
    return None


def _of_dataclass(value: Any) -> Mapping[str, Any] | None:
    if not dataclasses.is_dataclass(value):
        return None
    return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value) if field.repr}


def _of_struct(value: Any) -> Mapping[str, Any] | None:
    return msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else None


def _of_model(value: Any) -> Mapping[str, Any] | None:
    """Pydantic's models, of both its versions, and attrs' classes, without importing either."""
    fields = getattr(type(value), "model_fields", None) or getattr(type(value), "__fields__", None)
    if isinstance(fields, Mapping):
        return {name: getattr(value, name, None) for name in fields} | (
            getattr(value, "__pydantic_extra__", None) or {}
        )
    attributes = getattr(type(value), "__attrs_attrs__", None)
    return None if attributes is None else {field.name: getattr(value, field.name, None) for field in attributes}


_WAYS: tuple[Callable[[Any], Mapping[str, Any] | None], ...] = (_of_dataclass, _of_struct, _of_model)


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # as above
        return f"<{_name(value)}>"


def _exception(error: BaseException) -> str:
    text = _text(error)
    return f"{_name(error)}: {text}" if text else _name(error)


def _name(value: Any) -> str:
    return type(value).__name__
