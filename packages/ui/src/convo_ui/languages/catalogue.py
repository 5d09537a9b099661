"""Catalogues: the words of one language by key, and whether they are what English has."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from convo_ui.languages.message import cases, parameters, unreadable

__all__ = ["CATEGORIES", "Catalogue", "flat", "problems"]

Catalogue: TypeAlias = Mapping[str, Any]
"""Groups of texts, as they stand in a JSON file: each value is a text or a group."""

_TWO = frozenset({"one", "other"})
_ONE = frozenset({"other"})

CATEGORIES: dict[str, frozenset[str]] = {
    "ar": frozenset({"zero", "one", "two", "few", "many", "other"}),
    "he": frozenset({"one", "two", "other"}),
    "ja": _ONE,
    "ko": _ONE,
    "zh-CN": _ONE,
    "zh-TW": _ONE,
}
"""The plural cases a language needs, after CLDR; of those that are not here, `one` and `other`. The case `many` that
Spanish, French, Italian and Portuguese have from a million on is left to `other`."""


def flat(words: Catalogue, above: str = "") -> Iterator[tuple[str, Any]]:
    """Each text with its key, as `composer.send`."""
    for key, value in words.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def problems(words: Catalogue, english: Catalogue, language: str, *, is_whole: bool) -> dict[str, str]:
    """What is wrong with `words`, by key; nothing may be missing if they are the whole language."""
    known, given = dict(flat(english)), dict(flat(words))
    found = {key: why for key, text in given.items() if (why := _problem(key, text, known, language)) is not None}
    if is_whole:
        found |= {key: "missing" for key in known if key not in given}
    return found


def _problem(key: str, text: Any, known: Mapping[str, str], language: str) -> str | None:
    if key not in known:
        close = difflib.get_close_matches(key, known, n=1)
        return "unknown" + (f"; did you mean `{close[0]}`?" if close else "")
    if not isinstance(text, str):
        return f"a text is expected, not {type(text).__name__}"
    if why := unreadable(text):
        return why
    wanted, has = set(parameters(known[key])), set(parameters(text))
    if alien := sorted(has - wanted):
        rest = f"it has {', '.join(f'`{name}`' for name in sorted(wanted))}" if wanted else "it has none"
        return f"unknown parameter {', '.join(f'`{name}`' for name in alien)}; {rest}"
    if lost := sorted(wanted - has - _counted(text, known[key])):
        return f"missing parameter {', '.join(f'`{name}`' for name in lost)}"
    needed = CATEGORIES.get(language, _TWO)
    for name, keys in cases(text):
        if lost := sorted(needed - keys):
            return f"the plural of `{name}` has no case {', '.join(f'`{case}`' for case in lost)}"
        if alien := sorted(case for case in keys - needed if not case.startswith("=") and case != "many"):
            return f"the plural of `{name}` has a case that the language does not have: `{alien[0]}`"
    return None


def _counted(text: str, english: str) -> set[str]:
    """Parameters that only choose between texts in English: a language without plurals does not write them."""
    return {name for name, keys in cases(english) if keys} if "#" not in english and text else set()
