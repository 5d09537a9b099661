"""Texts with parameters, in the part of ICU's syntax that the web app reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

__all__ = ["cases", "parameters", "unreadable"]

Kind = Literal["text", "number", "plural"]
_ARGUMENT = re.compile(r"\{\s*(\w+)\s*(?:\}|,\s*number\s*\}|,\s*plural\s*,)")
_CASE = re.compile(r"\s*(=\d+|\w+)\s*\{")


def parameters(text: str) -> dict[str, Kind]:
    """The parameters of `text` and what each is, in their order. Raises `ValueError` when it cannot be read."""
    found: dict[str, Kind] = {}
    for name, kind, _ in _arguments(text):
        if found.get(name, "text") == "text":
            found[name] = kind
    return found


def cases(text: str) -> list[tuple[str, set[str]]]:
    """Each plural in `text`: its parameter and its cases. Raises `ValueError` when it cannot be read."""
    return [(name, keys) for name, kind, keys in _arguments(text) if kind == "plural"]


def unreadable(text: str) -> str | None:
    """What is wrong with the syntax of `text`; `None` if nothing is."""
    try:
        parameters(text)
    except ValueError as error:
        return str(error)
    return None


def _arguments(text: str) -> Iterator[tuple[str, Kind, set[str]]]:
    at = 0
    while (brace := re.compile(r"[{}]").search(text, at)) is not None:
        found = _ARGUMENT.match(text, brace.start())
        if brace[0] == "}" or found is None:
            raise ValueError(
                f"the brace at {brace.start() + 1} is neither of `{{name}}`, `{{name, number}}` nor "
                "`{name, plural, one {…} other {…}}`"
            )
        at = found.end()
        if not found[0].rstrip().endswith(","):
            yield found[1], "number" if "," in found[0] else "text", set()
            continue
        inner: list[str] = []
        keys: set[str] = set()
        while (case := _CASE.match(text, at)) is not None:
            end = _closing(text, case.end())
            keys.add(case[1])
            inner.append(text[case.end() : end])
            at = end + 1
        closing = re.compile(r"\s*\}").match(text, at)
        if closing is None:
            raise ValueError(f"the plural of `{found[1]}` is not closed")
        at = closing.end()
        if "other" not in keys:
            raise ValueError(f"the plural of `{found[1]}` has no case `other`")
        yield found[1], "plural", keys
        for part in inner:
            yield from _arguments(part)


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            if depth == 0:
                return at
            depth -= 1
    raise ValueError("a brace is not closed")
