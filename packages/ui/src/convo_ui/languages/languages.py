"""The languages that the web app speaks, and what an app says in its own words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from convo_ui.kept import Kept
from convo_ui.languages.catalogue import Catalogue, flat, problems

__all__ = ["Languages", "languages"]

logger = logging.getLogger("convo_ui.languages")

ENGLISH = "en"
_OLD = {"iw": "he", "zh-hant": "zh-TW", "zh-hk": "zh-TW", "zh-mo": "zh-TW", "zh": "zh-CN"}
_RIGHT_TO_LEFT = ("ar", "he")
_COMMA = ("da", "de", "el", "es", "fr", "it", "nl", "pt")


class Languages:
    """The catalogues in `folder`. `read` and `own` are blocking."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tags = tuple(sorted(path.stem for path in folder.glob("*.json")))
        self._read: dict[str, dict[str, Any]] = {}
        self._own = Kept[dict[str, Any]]()

    def choose(self, wanted: Iterable[str]) -> str:
        """The first of `wanted` that there is, or that one is close to, as `pt` for `pt-BR`; else English."""
        known = {tag.lower(): tag for tag in self.tags} | _OLD
        for tag in wanted:
            parts = tag.lower().replace("_", "-").split("-")
            for length in range(len(parts), 0, -1):
                found = known.get("-".join(parts[:length]))
                if found in self.tags:
                    return str(found)
        return ENGLISH

    def direction(self, tag: str) -> str:
        return "rtl" if tag in _RIGHT_TO_LEFT else "ltr"

    def decimal(self, tag: str) -> str:
        """What stands before the fraction of a number."""
        return "," if tag in _COMMA else "."

    def read(self, tag: str) -> dict[str, Any]:
        """The words of a language that there is."""
        if tag not in self._read:
            self._read[tag] = json.loads((self._folder / f"{tag}.json").read_text("utf-8"))
        return self._read[tag]

    def own(self, folder: Path, tag: str) -> dict[str, Any]:
        """The words an app puts in the place of ours, from `folder/<tag>.json`; wrong ones are logged and left out."""
        path = folder / f"{tag}.json"

        def make() -> dict[str, Any]:
            words, wrong = self.checked(path)
            for key, why in wrong.items():
                logger.error("%s: `%s`: %s", path, key, why)
            return words

        return self._own.of(path, make) or {}

    def checked(self, path: Path) -> tuple[dict[str, Any], dict[str, str]]:
        """The words in a file of an app that are right, and what is wrong with the others, by key."""
        if path.stem not in self.tags:
            return {}, {path.stem: f"no language; known are {', '.join(self.tags)}"}
        try:
            words = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            return {}, {path.stem: f"not readable as JSON: {error}"}
        if not isinstance(words, dict):
            return {}, {path.stem: 'an object of groups is expected, as `{"composer": {"send": "…"}}`'}
        wrong = problems(words, self.read(ENGLISH), path.stem, is_whole=False)
        return _without(words, wrong), wrong


def _without(words: Catalogue, keys: Iterable[str]) -> dict[str, Any]:
    left_out = set(keys)
    kept: dict[str, Any] = {}
    for key, text in flat(words):
        if key not in left_out:
            *above, last = key.split(".")
            group = kept
            for name in above:
                group = group.setdefault(name, {})
            group[last] = text
    return kept


@cache
def languages() -> Languages:
    """Those of this package."""
    return Languages(Path(__file__).parent)
