"""The little of YAML that manifests need."""

from __future__ import annotations

import json
from collections.abc import Iterable
from textwrap import indent

__all__ = ["block", "quoted"]


def quoted(text: str) -> str:
    """A string that means itself, whatever it looks like: JSON's strings are YAML's too."""
    return json.dumps(text, ensure_ascii=False)


def block(lines: Iterable[str], by: int) -> str:
    """Lines below a key, indented, each with its line's end."""
    return "".join(indent(line.rstrip("\n") + "\n", " " * by) for line in lines)
