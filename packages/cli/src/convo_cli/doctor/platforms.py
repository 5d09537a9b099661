"""The platforms: what the app uses that they show otherwise than the web app."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from convo import App
from convo.plugins import load_plugin

from convo_cli.doctor.finding import Finding, fine, warning

__all__ = ["check_platforms_of"]


def check_platforms_of(app: App, folder: str) -> Iterator[Finding]:
    """Of an App that is loaded from `folder`, for each platform whose settings are there."""
    if not app.config.platforms:
        return
    used = _names_used_in(Path(folder).resolve())
    for name in app.config.platforms:
        degrades = load_plugin("platforms", name).degrades
        found = sorted(used & degrades.keys())
        if not found:
            yield fine(name, "Shows all that the app uses.")
        for one in found:
            yield warning(name, f"`{one}` is shown {degrades[one]}.", "docs/platforms.md says what is shown, and how.")


def _names_used_in(folder: Path) -> set[str]:
    """The names that the modules loaded from a folder speak of: attributes, imports and the rest."""
    names: set[str] = set()
    for path in {Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))}:
        if path.suffix != ".py" or not path.is_relative_to(folder) or "site-packages" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8", "replace"))):
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.alias):
                names.add(node.name)
    return names
