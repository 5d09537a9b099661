"""Looks: the files of `public`, of which some become settings and some need rework."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from convo_cli.chainlit.remainder import Remainder

__all__ = ["pictures", "reworked"]

PICTURES = {"logo_light": "ui.logo", "logo_dark": "ui.logo_dark", "favicon": "ui.favicon"}
"""Files that Chainlit finds by their names, and the settings that name them here."""


def pictures(folder: Path) -> dict[str, str]:
    """Settings for those that there are."""
    found: dict[str, str] = {}
    for stem, setting in PICTURES.items():
        for path in sorted((folder / "public").glob(f"{stem}.*")):
            found.setdefault(setting, f"public/{path.name}")
    return found


def reworked(folder: Path) -> Iterator[Remainder]:
    """What stays where it is and does not look as it did."""
    public = folder / "public"
    theme = public / "theme.json"
    if theme.is_file() and (why := _of_another_shape(theme)) is not None:
        yield Remainder("public/theme.json", why)
    for path in sorted(public.glob("**/*.css")):
        name = path.relative_to(folder).as_posix()
        yield Remainder(name, "stays; the page has other classes, so look at its rules, and use a theme where it can.")
    for path in sorted(public.glob("*.js")):
        name = path.relative_to(folder).as_posix()
        yield Remainder(name, "stays; the page has other elements, so look at what it touches. It is run as a module.")


def _of_another_shape(theme: Path) -> str | None:
    try:
        values = json.loads(theme.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        return f"stays; it cannot be read as JSON ({error})."
    theirs = [key for key in ("variables", "custom_fonts") if isinstance(values, dict) and key in values]
    if not theirs:
        return None
    names = " and ".join(f"`{key}`" for key in theirs)
    return f"stays without effect: {names} are not known here. Tokens are in `light`, `dark`, `base`, fonts in `fonts`."
