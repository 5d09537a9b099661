"""Items as plain dictionaries, and the writes of a transaction."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from convo.errors import DataLayerError

__all__ = [
    "ANY",
    "Item",
    "Key",
    "Value",
    "Write",
    "check",
    "delete",
    "from_wire",
    "key_of",
    "pack",
    "put",
    "size_of",
    "to_wire",
    "unpack",
    "update",
]

Value: TypeAlias = str | int | bool | bytes
Item: TypeAlias = dict[str, Any]
"""Attributes by name, each a `Value`."""
Key: TypeAlias = tuple[str, str]
"""The values of `pk` and `sk`."""
Write: TypeAlias = dict[str, dict[str, Any]]
"""An operation as `TransactWriteItems` takes it, without the table's name."""

ANY = object()
"""In a condition: the attribute is there, whatever it is."""

_PLAIN_BYTES = 1000  # below, a text stays one that people can read


def pack(text: bytes) -> str | bytes:
    """JSON as it is stored: itself when it is short, else compressed. Half a millisecond for 50 kB."""
    return text.decode() if len(text) < _PLAIN_BYTES else zlib.compress(text, 1)


def unpack(stored: Value) -> bytes:
    """What was packed. Raises `DataLayerError` for what never was."""
    if isinstance(stored, str):
        return stored.encode()
    try:
        return zlib.decompress(stored)  # type: ignore[arg-type]  # or it raises
    except (TypeError, zlib.error) as error:
        raise DataLayerError(f"What is stored cannot be read; perhaps it is damaged: {error}") from error


def key_of(item: Item) -> Key:
    """Where an item is."""
    return str(item["pk"]), str(item["sk"])


def to_wire(item: Mapping[str, Value]) -> dict[str, dict[str, Any]]:
    """An item as the API has it."""
    return {name: _value(value) for name, value in item.items()}


def from_wire(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """An item of the API; attributes of types that are not ours are left out."""
    found: Item = {}
    for name, typed in item.items():
        for kind, value in typed.items():
            if kind in ("S", "BOOL", "B"):
                found[name] = value
            elif kind == "N":
                found[name] = int(value)
    return found


def put(item: Item, condition: Mapping[str, Any] | None = None) -> Write:
    """Insert or replace an item."""
    return {"Put": {"Item": to_wire(item), **_expressions(condition or {})}}


def delete(key: Key, condition: Mapping[str, Any] | None = None) -> Write:
    """Drop an item, if it is there."""
    return {"Delete": {"Key": _key(key), **_expressions(condition or {})}}


def check(key: Key, condition: Mapping[str, Any]) -> Write:
    """Change nothing, but fail the transaction unless the condition holds."""
    return {"ConditionCheck": {"Key": _key(key), **_expressions(condition)}}


def update(
    key: Key,
    set: Mapping[str, Value],
    *,
    once: Mapping[str, Value] | None = None,
    add: Mapping[str, int] | None = None,
    remove: Iterable[str] = (),
    condition: Mapping[str, Any] | None = None,
) -> Write:
    """Change attributes of an item, which is made if need be: `once` are set only where there is none yet."""
    return {"Update": {"Key": _key(key), **_expressions(condition or {}, set, once or {}, add or {}, remove)}}


def size_of(write: Write) -> int:
    """About how many bytes of a transaction's limit a write takes."""
    (operation,) = write.values()
    attributes = [*operation.get("Item", {}).values(), *operation.get("ExpressionAttributeValues", {}).values()]
    values = [value for attribute in attributes for value in attribute.values()]
    return 300 + sum(
        len(value.encode() if isinstance(value, str) else value) for value in values if not isinstance(value, bool)
    )


def _expressions(
    condition: Mapping[str, Any],
    set: Mapping[str, Value] | None = None,
    once: Mapping[str, Value] | None = None,
    add: Mapping[str, int] | None = None,
    remove: Iterable[str] = (),
) -> dict[str, Any]:
    """Conditions are equalities that all hold; `None`: the attribute is not there; `ANY`: it is.

    All names go by placeholders: many plain words are reserved.
    """
    names: dict[str, str] = {}
    values: dict[str, Any] = {}

    def name(attribute: str) -> str:
        names[f"#{attribute}"] = attribute
        return f"#{attribute}"

    def value(attribute: str, given: Value, prefix: str) -> str:
        values[f":{prefix}{attribute}"] = _value(given)
        return f":{prefix}{attribute}"

    conditions: list[str] = []
    for attribute, expected in condition.items():
        if expected is None or expected is ANY:
            conditions.append(f"attribute{'' if expected is ANY else '_not'}_exists({name(attribute)})")
        else:
            conditions.append(f"{name(attribute)} = {value(attribute, expected, 'if_')}")
    sets = [f"{name(a)} = {value(a, v, '')}" for a, v in (set or {}).items()]
    sets += [f"{name(a)} = if_not_exists({name(a)}, {value(a, v, '')})" for a, v in (once or {}).items()]
    adds = [f"{name(a)} {value(a, v, '')}" for a, v in (add or {}).items()]
    drops = [name(a) for a in remove]
    clauses = [("SET", sets), ("ADD", adds), ("REMOVE", drops)]
    parts: dict[str, Any] = {}
    if changed := " ".join(f"{verb} {', '.join(terms)}" for verb, terms in clauses if terms):
        parts["UpdateExpression"] = changed
    if conditions:
        parts["ConditionExpression"] = " AND ".join(conditions)
    if names:
        parts["ExpressionAttributeNames"] = names
    if values:
        parts["ExpressionAttributeValues"] = values
    return parts


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"S": value} if isinstance(value, str) else {"B": value}


def _key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
