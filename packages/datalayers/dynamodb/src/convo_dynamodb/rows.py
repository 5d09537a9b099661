"""Rows: a thread's state in pieces as large as items may be, and the state they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from convo.datalayer import StoredThread
from convo.errors import DataLayerError
from convo.protocol import Action, Ask, Call, Delivery, Element, RunInfo, State, Step
from convo.state import Key as EntryKey

from convo_dynamodb import schema
from convo_dynamodb.items import Item, pack, unpack

__all__ = [
    "INLINE_BYTES",
    "PART_BYTES",
    "Redo",
    "Row",
    "cut",
    "entry_name",
    "is_large",
    "join",
    "read_blob",
    "removals",
    "rows",
    "stored",
]

INLINE_BYTES = 200_000  # of a body; above, it is cut into parts. An item has at most 400 kB
PART_BYTES = 250_000
PLAIN = "plain"
_LARGE_BYTES = 50_000  # of text: worth a thread

_NOUNS: dict[str, type[msgspec.Struct]] = {
    "runs": RunInfo,
    "steps": Step,
    "elements": Element,
    "actions": Action,
    "asks": Ask,
    "calls": Call,
    "deliveries": Delivery,
}
_EMPTY: dict[str, Any] = {collection: [] for collection in _NOUNS}


class Redo(msgspec.Struct):
    """Changes that are too large for one transaction, as they wait to be carried into a thread's items."""

    state: State
    removed: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of a state. `name` is its key in the thread, `is_new`: it goes to the end even if it was there before.

    `favourite` is the `created_at` of a step that is one.
    """

    name: str
    body: str | bytes
    is_new: bool = False
    favourite: str | None = None
    step_id: str | None = None


def entry_name(collection: str, entry_id: str) -> str:
    return f"entry#{collection}#{schema.part(entry_id)}"


def is_large(state: State) -> bool:
    """Whether to encode the state takes long enough for a thread of its own."""
    steps = sum(len(step.output) + len(step.input) for step in state.steps)
    return steps + 300 * sum(len(getattr(state, name)) for name in _NOUNS) > _LARGE_BYTES


def rows(state: State, removed: Sequence[EntryKey]) -> list[Row]:
    """All of a state; first what of it is not an entry."""
    new = {entry_name(*key) for key in removed}
    plain = msgspec.structs.replace(state, **_EMPTY)
    return [Row(PLAIN, pack(msgspec.json.encode(plain))), *_entries(state, new)]


def _entries(state: State, new: set[str]) -> Iterator[Row]:
    for collection in _NOUNS:
        for entry in getattr(state, collection):
            name = entry_name(collection, entry.id)
            is_favourite = isinstance(entry, Step) and entry.favourite
            yield Row(
                name=name,
                body=pack(msgspec.json.encode(entry)),
                is_new=name in new,
                favourite=(entry.created_at or "") if is_favourite else None,
                step_id=entry.id if is_favourite else None,
            )


def removals(removed: Sequence[EntryKey], put: Sequence[Row]) -> list[EntryKey]:
    """What was removed and not put again."""
    names = {row.name for row in put}
    return [key for key in removed if entry_name(*key) not in names]


def cut(generation: str, blob: str, body: bytes) -> list[Item]:
    """A body as parts, without their `pk`."""
    pieces = [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)]
    return [{"sk": f"{generation}#part#{blob}#{n:05}", "body": piece} for n, piece in enumerate(pieces)]


def join(parts: dict[str, bytes], generation: str, blob: str, count: int) -> bytes:
    """The body that was cut. Raises `DataLayerError` when a part is missing."""
    try:
        return b"".join(parts[f"{generation}#part#{blob}#{n:05}"] for n in range(count))
    except KeyError as error:
        raise DataLayerError(f"What is stored cannot be read; the part {error} is missing.") from error


def read_blob(items: Sequence[Item]) -> dict[str, bytes]:
    """The parts among items, by `sk`."""
    return {
        str(item["sk"]): item["body"]
        for item in items
        if isinstance(item.get("body"), bytes) and "#part#" in str(item["sk"])
    }


def body_of(item: Item, parts: dict[str, bytes], generation: str) -> bytes:
    """The JSON of an item."""
    return unpack(join(parts, generation, item["blob"], item["parts"]) if "blob" in item else item["body"])


def stored(head: Item, items: Sequence[Item]) -> StoredThread:
    """The thread that the items of its partition are. Raises `DataLayerError` for what cannot be read."""
    generation = str(head["generation"])
    parts = read_blob(items)
    own = [item for item in items if str(item["sk"]).startswith(f"{generation}#") and str(item["sk"]) not in parts]
    found = {str(item["sk"]).partition("#")[2]: item for item in own}
    places = {name: str(item.get("position", "")) for name, item in found.items()}
    fresh: dict[str, bytes] = {}
    if "redo" in head:
        stamp = str(head["redo"])
        redo = msgspec.json.decode(unpack(join(parts, generation, redo_blob(stamp), head["redo_parts"])), type=Redo)
        for key in redo.removed:
            found.pop(entry_name(*key), None)
            places.pop(entry_name(*key), None)
        for index, row in enumerate(rows(redo.state, redo.removed)):
            found.pop(row.name, None)
            fresh[row.name] = unpack(row.body)
            places.setdefault(row.name, position(stamp, index))
    if PLAIN not in found and PLAIN not in fresh:
        raise DataLayerError("What is stored cannot be read; the part that is not an entry is missing.")
    plain = fresh.pop(PLAIN, None) or body_of(found.pop(PLAIN), parts, generation)
    state: dict[str, Any] = {collection: [] for collection in _NOUNS}
    for name in sorted(found.keys() | fresh.keys(), key=lambda name: places[name]):
        if name == PLAIN:
            continue
        collection = name.split("#")[1]
        noun = _NOUNS.get(collection)
        if noun is None:
            raise DataLayerError(f"What is stored holds `{collection}`, which this version of convo does not know.")
        body = fresh[name] if name in fresh else body_of(found[name], parts, generation)
        state[collection].append(msgspec.json.decode(body, type=noun))
    whole = msgspec.structs.replace(msgspec.json.decode(plain, type=State), **state)
    at = schema.moment(int(head["changed_at"])) if "changed_at" in head else None
    return StoredThread(owner_id=str(head["owner"]), state=whole, changed_at=at)


def position(stamp: str, index: int) -> str:
    """Where an entry stands that was first stored then."""
    return f"{stamp}-{index:06}"


def redo_blob(stamp: str) -> str:
    return f"{stamp}-redo"
