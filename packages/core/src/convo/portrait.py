"""Portraits: any value as JSON or text that a reader can read, however odd or large it is. Nothing here raises."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from convo.protocol import Json, well_formed

__all__ = ["plain", "portray"]

DEPTH = 32
ITEMS = 50_000  # of all dicts and lists together
TEXT = 4_000_000  # characters of all texts together
_CUT = "…"


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
        return json.dumps(seen, indent=4, ensure_ascii=False), "json"
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
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, enum.Enum):
            return self.plain(value.value, depth)
        if isinstance(value, int):
            return int(value) if abs(value) < 1 << 63 else str(value) if abs(value) < 1 << 4096 else _name(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(float(value))
        if isinstance(value, str):
            return self._cut(str(value))
        if isinstance(value, bytes | bytearray | memoryview):
            return f"<{len(value)} bytes>"
        if isinstance(value, BaseException):
            return self._cut(_exception(value))
        inner = _inner(value)
        if inner is None:
            return self._cut(_text(value))
        if id(value) in self._around:
            return f"<the {_name(value)} around this>"
        if depth <= 0:
            return _CUT
        self._around.add(id(value))
        try:
            return self._pairs(inner, depth) if isinstance(inner, Mapping) else self._list(inner, depth)
        except Exception:  # a class of the author's or of a library: whatever it does, it must be shown somehow
            return self._cut(_text(value))
        finally:
            self._around.discard(id(value))

    def _pairs(self, pairs: Mapping[Any, Any], depth: int) -> Json:
        drawn: dict[str, Json] = {}
        for key, value in pairs.items():
            if not self._may_draw():
                drawn[_CUT] = f"{len(pairs) - len(drawn)} more"
                break
            drawn[self._cut(key if isinstance(key, str) else _text(key))] = self.plain(value, depth - 1)
        return drawn

    def _list(self, values: Iterable[Any], depth: int) -> Json:
        drawn: list[Json] = []
        for value in values:
            if not self._may_draw():
                drawn.append(_CUT)
                break
            drawn.append(self.plain(value, depth - 1))
        return drawn

    def _may_draw(self) -> bool:
        self._items -= 1
        return self._items >= 0 and self._text > 0

    def _cut(self, text: str) -> str:
        room = max(0, self._text)
        self._text -= len(text)
        return well_formed(text if len(text) <= room else text[:room] + _CUT)


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
