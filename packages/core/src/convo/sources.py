"""Sources: what a retriever found, as elements to open beside the chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from convo.element import Element, Text

__all__ = ["source_elements", "source_names"]

SHOWN = 50
"""How many are shown of one search."""

_NAMES = ("title", "file_name", "source")


def source_names(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """A name for each, by its metadata: where it is from, with its number where several are from there."""
    names: list[str] = []
    for number, metadata in enumerate(found, 1):
        default = f"Document {number}"
        place = str(next((metadata[key] for key in _NAMES if metadata.get(key)), default))
        name = place.replace("\\", "/").rstrip("/").rpartition("/")[2] or default
        names.append(name if name not in names else f"{name} ({number})")
    return names


def source_elements(sources: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Element]:
    """The first of them, each a text and its metadata."""
    shown = sources[:SHOWN]
    names = source_names(metadata for _, metadata in shown)
    return [Text(name=name, content=text, display="side") for name, (text, _) in zip(names, shown, strict=True)]
