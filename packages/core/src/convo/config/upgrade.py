"""An Upgrade: a settings file of an earlier version, as this one has it.

A file says its version as `schema_version`; without it, it is held to be of this one. Comments and order stay: lines
are changed, and the outcome is read again and compared.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from convo.errors import ConfigError

__all__ = ["SCHEMA_VERSION", "moved_to", "upgraded"]

SCHEMA_VERSION = 2
MOVED: Mapping[int, Mapping[str, str]] = {2: {"uploads": "features.uploads"}}
"""What each version has moved, from where to where."""

_VERSION = re.compile(r"^(\s*schema_version\s*=\s*)\d+", re.MULTILINE)


def moved_to(keys: Sequence[str]) -> str | None:
    """Where a setting of an earlier version is now; `None` if it never was one."""
    path = ".".join(keys)
    for version in sorted(MOVED):
        for old, new in MOVED[version].items():
            if path == old or path.startswith(f"{old}."):
                return f"{new}{path.removeprefix(old)}"
    return None


def upgraded(text: str, table: str = "") -> str:
    """The text of a settings file, brought to this version. `table` is where settings stand, as `tool.convo.`.

    Raises `ConfigError` when it is written in a way that cannot be changed line by line, `tomllib.TOMLDecodeError`.
    """
    before = tomllib.loads(text)
    version = _settings(before, table).get("schema_version", 1)
    steps = [step for step in sorted(MOVED) if step > version]
    after = text
    for step in steps:
        for old, new in MOVED[step].items():
            after = _moved(after, table, old, new)
            _move(_settings(before, table), old.split("."), new.split("."))
    if steps and "schema_version" in _settings(before, table):
        after = _VERSION.sub(rf"\g<1>{SCHEMA_VERSION}", after)
        _settings(before, table)["schema_version"] = SCHEMA_VERSION
    try:
        is_right = tomllib.loads(after) == before
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        moves = ", ".join(f"`{old}` to `{new}`" for step in steps for old, new in MOVED[step].items())
        raise ConfigError(f"The file is written in a way that only its author can change: move {moves} by hand.")
    return after


def _settings(values: dict[str, Any], table: str) -> dict[str, Any]:
    for key in table.rstrip(".").split(".") if table else ():
        values = values.get(key, {})
    return values


def _move(values: dict[str, Any], old: Sequence[str], new: Sequence[str]) -> None:
    for key in old[:-1]:
        values = values.get(key, {})
    if old[-1] not in values:
        return
    moved, target = values.pop(old[-1]), values
    for key in new[:-1]:
        target = target.setdefault(key, {})
    target[new[-1]] = moved


def _moved(text: str, table: str, old: str, new: str) -> str:
    """`text` with the headers, and the dotted keys before the first header, of another place."""
    header = re.compile(rf"^(\s*\[+\s*){re.escape(table + old)}(?=[.\]\s])")
    key = re.compile(rf"^(\s*){re.escape(old)}(?=[.=\s])")
    lines, is_top = [], not table
    for line in text.splitlines(keepends=True):
        if re.match(r"\s*\[", line):
            is_top = bool(table) and line.strip() == f"[{table.rstrip('.')}]"
        replaced = header.sub(rf"\g<1>{table}{new}", line)
        lines.append(key.sub(rf"\g<1>{new}", replaced) if is_top else replaced)
    return "".join(lines)
