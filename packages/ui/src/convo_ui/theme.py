"""The theme: an app's own values of the design tokens, as the stylesheet that puts them in place."""

from __future__ import annotations

import difflib
import json
import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from convo_ui.kept import Kept

__all__ = ["BASE", "COLOURS", "Theme", "schema", "stylesheet", "theme"]

logger = logging.getLogger("convo_ui.theme")

BASE: Mapping[str, str] = {
    "font": "The typeface of the page: families, the first choice first.",
    "mono": "The typeface of code.",
    "text-2xs": "The smallest size of text.",
    "text-xs": "Text of hints.",
    "text-sm": "Text of buttons and lists.",
    "text-md": "Text of messages.",
    "text-lg": "Text of headings.",
    "text-xl": "The largest size of text.",
    "s1": "The smallest space.",
    "s2": "Space within a control.",
    "s3": "Space between controls.",
    "s4": "Space at the edge of the page.",
    "s5": "Space between parts.",
    "s6": "Space between messages.",
    "s7": "The largest space.",
    "r1": "The radius of small things.",
    "r2": "The radius of buttons and fields.",
    "r3": "The radius of dialogs.",
    "r4": "The radius of messages and the message box.",
    "column": "The width of the conversation.",
    "sidebar": "The width of the list of chats.",
    "control": "The height of a button.",
    "control-small": "The height of a small button.",
    "head": "The height of the header.",
    "composer-max": "How high the message box grows.",
    "quick": "How long small changes take, and how.",
    "unfold": "How long things take to open, and how.",
}
"""Tokens that are the same in light and dark."""

COLOURS: Mapping[str, str] = {
    "bg": "The page.",
    "bg-2": "What lies on it: cards, the list of chats.",
    "bg-3": "What is pointed at.",
    "line": "Lines between things.",
    "line-strong": "Lines around fields.",
    "ink": "Text.",
    "ink-2": "Text that says more.",
    "ink-3": "Text that can be overlooked.",
    "accent": "What is to be pressed, and links.",
    "accent-ink": "Text on it.",
    "accent-soft": "A hint of it.",
    "ok": "What went well.",
    "warn": "What needs attention.",
    "warn-soft": "A hint of it.",
    "bad": "What went wrong.",
    "bad-soft": "A hint of it.",
    "shadow": "The shadow of what floats.",
}
"""Tokens that are one in light and another in dark."""

_GROUPS: Mapping[str, Mapping[str, str]] = {"base": BASE, "light": COLOURS, "dark": COLOURS}
_SELECTORS = {"base": ":root:root", "light": ":root:root", "dark": '[data-theme="dark"]:root'}
_VALUE = re.compile(r"[^;{}<>@\\\n]{1,300}")
_FONT = {
    "family": "Its name.",
    "src": "A file below `public/`.",
    "weight": "As `400` or `100 900`.",
    "style": "As `italic`.",
}
_SOURCE = re.compile(r"public/[A-Za-z0-9_./-]+\.(woff2?|ttf|otf)")
_NAME = re.compile(r"[A-Za-z0-9 _-]{1,60}")


def stylesheet(source: Any, root: str = "") -> tuple[str, dict[str, str]]:
    """The CSS of what is right in a theme, and what is wrong with the rest, by its place, as `light.accent`.

    `root` is the app's path, without a trailing slash, before which the addresses of fonts are put.
    """
    wrong: dict[str, str] = {}
    if not isinstance(source, Mapping):
        return "", {"": "an object is expected, with `base`, `light`, `dark` and `fonts`"}
    rules: list[str] = []
    for name, group in source.items():
        if name == "$schema":
            continue
        if name == "fonts":
            rules[:0] = _fonts(group, root, wrong)
        elif name not in _GROUPS:
            wrong[name] = _unknown("group", name, [*_GROUPS, "fonts"])
        elif not isinstance(group, Mapping):
            wrong[name] = "an object of tokens is expected"
        elif lines := list(_tokens(name, group, wrong)):
            rule = f"{_SELECTORS[name]}{{{''.join(lines)}}}"
            rules.append(f"@media screen{{{rule}}}" if name == "dark" else rule)  # paper is light
    return "\n".join(rules), wrong


def _tokens(group: str, values: Mapping[str, Any], wrong: dict[str, str]) -> Iterator[str]:
    known = _GROUPS[group]
    for token, value in values.items():
        place = f"{group}.{token}"
        if token not in known:
            others = [name for name, tokens in _GROUPS.items() if token in tokens]
            wrong[place] = f"it stands in `{others[0]}`" if others else _unknown("token", token, list(known))
        elif not isinstance(value, str) or not _VALUE.fullmatch(value) or "url(" in value.lower():
            wrong[place] = "a value of CSS is expected, as `#2f6f4f` or `0.5rem`, without `;`, braces and `url()`"
        else:
            yield f"--{token}:{value.strip()};"


def _fonts(fonts: Any, root: str, wrong: dict[str, str]) -> list[str]:
    if not isinstance(fonts, list):
        wrong["fonts"] = "a list is expected"
        return []
    rules: list[str] = []
    for at, font in enumerate(fonts):
        place = f"fonts.{at}"
        if (
            not isinstance(font, Mapping)
            or not isinstance(font.get("family"), str)
            or not isinstance(font.get("src"), str)
        ):
            wrong[place] = "an object with `family` and `src` is expected"
        elif alien := [key for key in font if key not in _FONT]:
            wrong[f"{place}.{alien[0]}"] = _unknown("key", alien[0], list(_FONT))
        elif not _SOURCE.fullmatch(font["src"]) or ".." in font["src"]:
            wrong[f"{place}.src"] = "a file of a font in `public/` is expected, as `public/fonts/inter.woff2`"
        elif bad := [key for key in font if key != "src" and not _NAME.fullmatch(str(font[key]))]:
            wrong[f"{place}.{bad[0]}"] = "letters, digits and blanks are expected"
        else:
            rules.append(
                f'@font-face{{font-family:"{font["family"]}";src:url("{root}/{font["src"]}");'
                f"font-weight:{font.get('weight', 400)};font-style:{font.get('style', 'normal')};font-display:swap}}"
            )
    return rules


def _unknown(kind: str, name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"unknown {kind}" + (f"; did you mean `{close[0]}`?" if close else f"; known are {', '.join(known)}")


class Theme:
    """The theme in a file, read again when that has changed. Blocking."""

    def __init__(self) -> None:
        self._kept = Kept[str]()

    def revision(self, path: Path) -> str | None:
        """What changes with the file; `None` while there is none."""
        try:
            return f"{path.stat().st_mtime_ns:x}"
        except OSError:
            return None

    def css(self, path: Path, root: str = "") -> str:
        """Its stylesheet; empty while there is none. What is wrong with it is logged, once."""

        def make() -> str:
            css, wrong = self.checked(path, root)
            for place, why in wrong.items():
                logger.error("%s: %s", path, f"`{place}`: {why}" if place else why)
            return css

        return self._kept.of(path, make, by=root) or ""

    def checked(self, path: Path, root: str = "") -> tuple[str, dict[str, str]]:
        """The stylesheet, and what is wrong with the file, by place."""
        try:
            source = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            return "", {"": f"not readable as JSON: {error}"}
        return stylesheet(source, root)


def schema() -> dict[str, Any]:
    """JSON Schema of a theme, for editors."""

    def group(tokens: Mapping[str, str], text: str) -> dict[str, Any]:
        properties = {name: {"type": "string", "description": about} for name, about in tokens.items()}
        return {"type": "object", "description": text, "properties": properties, "additionalProperties": False}

    font = {
        "type": "object",
        "properties": {key: {"type": ["string", "integer"], "description": about} for key, about in _FONT.items()},
        "required": ["family", "src"],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Theme of a convo app: public/theme.json",
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "base": group(BASE, "The same in light and dark."),
            "light": group(COLOURS, "In light."),
            "dark": group(COLOURS, "In dark."),
            "fonts": {"type": "array", "description": "Typefaces of the app's own.", "items": font},
        },
        "additionalProperties": False,
    }


@cache
def theme() -> Theme:
    """That of this process."""
    return Theme()
