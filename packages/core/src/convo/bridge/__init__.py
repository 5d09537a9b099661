"""Bridges: chat platforms as readers of threads. The port, and what all platforms have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convo.bridge.bridge import ASGI, Bridge
from convo.bridge.markdown import Block, Code, Heading, Item, Line, Quote, Rule, Table, aligned, blocks, outside_code
from convo.bridge.part import Attachment, Button, ButtonKind, Part, Question, Task, digest_of
from convo.bridge.place import Author, Incoming, Place, place_of, thread_id_of
from convo.bridge.platforms import Platforms, PlatformState
from convo.bridge.split import Piece, split
from convo.bridge.transcript import Transcript

if TYPE_CHECKING:
    from convo.bridge.settings import PlatformSettings

__all__ = [
    "ASGI",
    "Attachment",
    "Author",
    "Block",
    "Bridge",
    "Button",
    "ButtonKind",
    "Code",
    "Heading",
    "Incoming",
    "Item",
    "Line",
    "Part",
    "Piece",
    "Place",
    "PlatformSettings",
    "PlatformState",
    "Platforms",
    "Question",
    "Quote",
    "Rule",
    "Table",
    "Task",
    "Transcript",
    "aligned",
    "blocks",
    "digest_of",
    "outside_code",
    "place_of",
    "split",
    "thread_id_of",
]


def __getattr__(name: str) -> Any:
    """The settings on first use, because they bring pydantic."""
    if name == "PlatformSettings":
        from convo.bridge.settings import PlatformSettings

        return PlatformSettings
    raise AttributeError(f"module `convo.bridge` has no attribute `{name}`")
