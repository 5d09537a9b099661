"""Work: what a framework's span says, as a step tells it, in whichever words it is said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from convo import ChatGeneration, Text
from convo.element import Element
from convo.step import StepType

__all__ = ["Facts", "Happening", "Work", "listed", "nested", "parsed"]

Facts = Mapping[str, Any]
"""Attributes of a span or of one of its events."""

Happening = tuple[str, Facts]
"""An event of a span: its name and its attributes."""


@dataclass(slots=True)
class Work:
    """One step's worth of it."""

    type: StepType
    name: str
    input: Any = None
    output: Any = None
    generation: ChatGeneration | None = None
    documents: Sequence[Mapping[str, Any]] = ()
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def elements(self) -> Sequence[Element]:
        """Its documents, to be opened beside the step."""
        return [
            Text(name=_title(document, number), content=str(document["content"]), display="side")
            for number, document in enumerate(self.documents, 1)
            if document.get("content")
        ]


def listed(documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """What was found, without the texts: those are elements."""
    found = [
        {"id": _title(document, number)} | ({"score": document["score"]} if "score" in document else {})
        for number, document in enumerate(documents, 1)
    ]
    return found or None


def _title(document: Mapping[str, Any], number: int) -> str:
    return str(document.get("id", f"Document {number}"))


def parsed(value: Any) -> Any:
    """What is JSON as what it says; everything else as it is."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def nested(facts: Facts, prefix: str) -> Any:
    """The flattened attributes below `prefix` (`a.0.b`, `a.1.b`) as the lists and dicts that they were."""
    tree: dict[str, Any] = {}
    for key, value in facts.items():
        if not key.startswith(prefix + "."):
            continue
        *path, last = key[len(prefix) + 1 :].split(".")
        place = tree
        for name in path:
            inner = place.setdefault(name, {})
            if not isinstance(inner, dict):
                break
            place = inner
        else:
            place[last] = value
    return _unfolded(tree)


def _unfolded(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isdecimal() for key in tree):
        return [_unfolded(tree[key]) for key in sorted(tree, key=int)]
    return {key: _unfolded(value) for key, value in tree.items()}
