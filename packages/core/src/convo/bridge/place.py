"""Places: where on a chat platform a conversation is, who talks there, and which thread that is."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

__all__ = ["Author", "Incoming", "Place", "day_of", "place_of", "thread_id_of"]

PLACE = "place"
"""The key of a place in the metadata of its thread."""

_THREADS = uuid.UUID("5d3c5c0e-6a0f-4b52-9d4e-1f2d8f3a7c11")


class Place(msgspec.Struct, frozen=True):
    """Where a conversation is. `path` are the platform's stable ids from the outside in, as workspace, channel, thread.

    `address` is what else the platform needs to post there, as JSON. Two places are one if platform and path are.
    """

    platform: str
    path: tuple[str, ...]
    is_direct: bool = False
    title: str | None = None
    address: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells it from every other place."""
        return json.dumps([self.platform, *self.path], separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Author:
    """Who says something on a platform. `id` is the platform's stable id, unique on all of it: with the workspace.

    `email` is one that the platform has verified, or `None`. `profile` is what else it says, as JSON.
    """

    id: str
    name: str
    email: str | None = None
    language: str | None = None
    profile: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that came with a message. `open` gives its bytes from the beginning, each time it is called."""

    name: str
    open: Callable[[], AsyncIterator[bytes]]
    mime: str | None = None
    bytes: int | None = None


def thread_id_of(place: Place, part: str = "") -> str:
    """The id of a place's thread: the same after a restart, and no other place's. `part` is one of several in turn."""
    return uuid.uuid5(_THREADS, f"{place.key}{part}").hex


def day_of(zone: str, now: datetime | None = None) -> str:
    """The date in a time zone by its IANA name, as `2026-11-26`."""
    from zoneinfo import ZoneInfo

    return (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date().isoformat()


def place_of(metadata: dict[str, Any] | None) -> Place | None:
    """The place that a thread's metadata names; `None` for a thread that is on no platform."""
    try:
        return msgspec.convert((metadata or {}).get(PLACE), Place)
    except msgspec.ValidationError:
        return None
