"""Icons: names of Lucide's drawings, or addresses of images."""

from __future__ import annotations

import difflib
import logging
import re
import sys
from functools import cache
from pathlib import Path

from convo.plugins import load_installed

__all__ = ["check_icon"]

logger = logging.getLogger("convo.icon")


def check_icon(name: object) -> None:
    """Warn on the log, once for each line of the author's, when the web app has no drawing of that name."""
    if not isinstance(name, str) or not name or re.search("[/:]", name):
        return
    names = _names()
    if names and _kebab(name) not in names:
        _warn(name, _author())


@cache
def _names() -> frozenset[str]:
    """What the installed web app can draw; none where there is no web app."""
    static_path = load_installed("ui", "web")
    if static_path is None:
        return frozenset()
    file = Path(static_path()) / "icons.txt"
    return frozenset(file.read_text("utf-8").split()) if file.is_file() else frozenset()


@cache
def _warn(name: str, place: str) -> None:
    near = difflib.get_close_matches(_kebab(name), _names(), 1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    logger.warning("There is no icon `%s` (%s).%s All names are on https://lucide.dev/icons.", name, place, hint)


def _author() -> str:
    """The line outside of this package that led here."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "convo":
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def _kebab(name: str) -> str:
    """As the web app reads it: `ImagePlus` is `image-plus`."""
    name = re.sub(r"([a-z])([A-Z0-9])", r"\1-\2", name)
    name = re.sub(r"([0-9])([A-Z])", r"\1-\2", name)
    return re.sub(r"[\s_]+", "-", name).lower()
