"""What the interface of existing apps has no place for: kept as a text under the key `convo` of a row's metadata.

A text, because stores change numbers, drop what is empty and know only some characters; it is one to them. A thread's
holds what is no entry, and what hangs on no step. A step's holds what a `StepDict` has no place for, and what hangs on
the step: its elements, actions, asks and delivery.
"""

from __future__ import annotations

from typing import Any

import msgspec

from convo.data.dicts import mapping
from convo.errors import DataLayerError
from convo.protocol import Action, Ask, Call, Delivery, Element, RunInfo, State, Step

__all__ = ["HANGING", "KEY", "KeptStep", "KeptThread", "kept_step", "kept_thread", "packed", "unpacked"]

KEY = "convo"
VERSION = 1

HANGING: dict[str, type[Element] | type[Action] | type[Ask] | type[Call] | type[Delivery]] = {
    "elements": Element,
    "actions": Action,
    "asks": Ask,
    "calls": Call,
    "deliveries": Delivery,
}
"""The collections of a state that have no rows of their own."""

Hanging = tuple[int, str, Any]
"""An entry's place in the thread, its collection, and the entry."""


class KeptThread(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Beside a thread: whose it is, when it was last written, its state without the entries that have rows."""

    version: int = VERSION
    owner_id: str
    changed_at: str
    state: State
    hanging: list[Hanging] = []


class KeptStep(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Beside a step or run: its place among all, and itself without its long texts."""

    version: int = VERSION
    place: int
    step: Step | None = None
    run: RunInfo | None = None
    hanging: list[Hanging] = []


def packed(kept: KeptThread | KeptStep) -> str:
    """As the text that is stored."""
    return msgspec.json.encode(kept).decode()


def kept_thread(metadata: Any) -> KeptThread | None:
    """What a thread's metadata keep; `None` for a thread that convo has not written to. Raises `DataLayerError`."""
    found = mapping(metadata).get(KEY)
    return _decoded(found, KeptThread) if isinstance(found, str) else None


def kept_step(metadata: Any) -> KeptStep | None:
    """The same of a step's."""
    found = mapping(metadata).get(KEY)
    return _decoded(found, KeptStep) if isinstance(found, str) else None


def unpacked(hanging: list[Hanging]) -> list[tuple[int, str, Any]]:
    """The entries as nouns."""
    try:
        return [(place, name, msgspec.convert(entry, HANGING[name])) for place, name, entry in hanging]
    except (msgspec.ValidationError, KeyError) as error:
        raise _unreadable(error) from error


def _decoded(text: str, kind: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> DataLayerError:
    return DataLayerError(
        f"What is stored under `{KEY}` in the metadata cannot be read; perhaps a later version of convo "
        f"wrote it: {error}"
    )
