"""The language of a reader, and what is said in it: words of the installed web app, and an app's own in their place."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from convo.plugins import load_installed

__all__ = ["ENGLISH", "Language", "Languages", "load_languages", "read_language"]

_PARAMETER = re.compile(r"\{(\w+)(?:, number)?\}")


class Languages(Protocol):
    """What the installed web app speaks. `read` and `own` are blocking."""

    def choose(self, wanted: Iterable[str]) -> str: ...

    def direction(self, tag: str) -> str: ...

    def decimal(self, tag: str) -> str: ...

    def read(self, tag: str) -> dict[str, Any]: ...

    def own(self, folder: Path, tag: str) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Language:
    """`own` are the app's words, by group; `direction` is `ltr` or `rtl`; `decimal` begins the fraction of a number."""

    tag: str
    direction: str = "ltr"
    decimal: str = "."
    own: dict[str, Any] = field(default_factory=dict)
    words: dict[str, Any] = field(default_factory=dict, repr=False)

    def text(self, key: str, english: str, **values: str | int | float) -> str:
        """The words for `key`, as `document.you`, with `values` put in; `english` where there is no web app."""
        found = next((text for words in (self.own, self.words) if (text := _text(words, key)) is not None), english)
        return _PARAMETER.sub(lambda name: str(values.get(name[1], name[0])), found)


ENGLISH = Language("en")
"""Of who has no page: without words of its own."""


def load_languages() -> Languages | None:
    """Those of the installed web app."""
    load: Callable[[], Languages] | None = load_installed("ui", "languages")
    return None if load is None else load()


async def read_language(languages: Languages | None, wanted: Iterable[str], folder: Path) -> Language:
    """The first language of `wanted` that there is, else English; `folder` has the app's own words."""
    if languages is None:
        return ENGLISH
    tag = languages.choose(wanted)
    own, words = await asyncio.to_thread(lambda: (languages.own(folder, tag), languages.read(tag)))
    return Language(tag, languages.direction(tag), languages.decimal(tag), own, words)


def _text(words: Mapping[str, Any], key: str) -> str | None:
    found: Any = words
    for name in key.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else None
