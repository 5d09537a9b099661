"""The SettingsFile: `convo.toml`, or `[tool.convo]` of `pyproject.toml`, with the line each key stands on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convo.config.problem import Problem
from convo.config.upgrade import SCHEMA_VERSION
from convo.errors import ConfigError

__all__ = ["FILE_NAME", "PYPROJECT", "SettingsFile"]

FILE_NAME = "convo.toml"
PYPROJECT = "pyproject.toml"
_TABLE = ("tool", "convo")
_PLACE = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a folder's file of settings says; of a folder without one, nothing. `path` is where it is, or would be."""

    path: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[Keys, int] = field(default_factory=dict)

    @classmethod
    def read(cls, directory: Path) -> SettingsFile:
        """Raises `ConfigError` for a file that cannot be read, and for a folder with settings in two files."""
        own = cls._read(directory / FILE_NAME, ())
        project = cls._read(directory / PYPROJECT, _TABLE)
        if own is not None and project is not None:
            line = min(project.lines.values(), default=1)
            raise _error(
                f"{project.path}, line {line}",
                f"settings stand here and in `{FILE_NAME}`; keep them in one of the two.",
            )
        return own or project or cls(directory / FILE_NAME)

    @classmethod
    def _read(cls, path: Path, table: tuple[str, ...]) -> SettingsFile | None:
        try:
            text = path.read_text("utf-8-sig")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise _error(str(path), "is not text in UTF-8; save it as that.") from error
        except OSError as error:
            raise _error(str(path), f"cannot be read: {error.strerror}.") from error
        if table and "tool.convo" not in text:
            return None  # then its mistakes are none of ours either
        try:
            values: Any = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _syntax_error(path, text, error) from error
        for key in table:
            values = values.get(key)
            if not isinstance(values, dict):
                return None
        lines = {keys[len(table) :]: line for keys, line in _lines(text) if keys[: len(table)] == table}
        found = cls(path, values, lines)
        found._check_version()
        return cls(path, {key: value for key, value in values.items() if key not in _OF_THE_FILE}, lines)

    def _check_version(self) -> None:
        version = self.values.get("schema_version", SCHEMA_VERSION)
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise ConfigError(str(problem := self._problem("must be a whole number from 1 on.")), problems=[problem])
        if version > SCHEMA_VERSION:
            text = f"is {version}, and this convo knows up to {SCHEMA_VERSION}; upgrade it: pip install -U convo-core"
            raise ConfigError(str(problem := self._problem(text)), problems=[problem])

    def _problem(self, text: str) -> Problem:
        return Problem(self.where(("schema_version",)), "schema_version", text)

    def where(self, keys: Keys) -> str:
        """The file and line of a key; of one that has no line of its own, of what is in it or of what it stands in."""
        for end in range(len(keys), 0, -1):
            below = (line for path, line in self.lines.items() if path[:end] == keys[:end])
            if (line := self.lines.get(keys[:end]) or next(below, None)) is not None:
                return f"{self.path}, line {line}"
        return str(self.path)


_OF_THE_FILE = ("$schema", "schema_version")
"""Keys that say something of the file, and set nothing."""


def _lines(text: str) -> Iterator[tuple[Keys, int]]:
    """Every key of a TOML text that is right, with its line. A value's own lines are left out."""
    table: Keys = ()
    counts: dict[Keys, int] = {}
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        start, line = number, lines[number].strip()
        number += 1
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            keys, is_list = _header(line)
            table = _numbered(keys, counts)
            if is_list:
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, start + 1
            continue
        while (value := _value("\n".join(lines[start:number]))) is None and number < len(lines):
            number += 1
        for keys in _paths(value or {}):
            yield (*table, *keys), start + 1


def _header(line: str) -> tuple[Keys, bool]:
    is_list = line.startswith("[[")
    found: Any = tomllib.loads(line)
    keys: list[str] = []
    while isinstance(found, dict) and found:
        key, found = next(iter(found.items()))
        keys.append(key)
    return tuple(keys), is_list


def _numbered(keys: Keys, counts: Mapping[Keys, int]) -> Keys:
    """Keys of a header, with the number of the last entry where one of them is a list of tables."""
    path: Keys = ()
    for index, key in enumerate(keys):
        path = (*path, key)
        if index < len(keys) - 1 and path in counts:
            path = (*path, counts[path])
    return path


def _value(text: str) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _paths(value: Any) -> Iterator[Keys]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield (key,)
            for keys in _paths(inner):
                yield (key, *keys)


def _syntax_error(path: Path, text: str, error: tomllib.TOMLDecodeError) -> ConfigError:
    place = _PLACE.search(str(error))
    lines = text.splitlines()
    number = int(place[1]) if place is not None and place[1] else len(lines)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    said = _PLACE.sub("", str(error)).strip()
    return _error(f"{path}, line {number}", f"{_advice(line, said)}\n    {line}" if line else f"{said}.")


def _advice(line: str, said: str) -> str:
    """What is wrong with a line, in the words of who wrote it."""
    key, _, value = (part.strip() for part in line.partition("="))
    value = value.split("#")[0].strip()
    if not value and not line.startswith("["):
        return f"this is no TOML: `{key}` is given no value."
    if value.lower() in ("true", "false", "yes", "no", "on", "off", "none", "null"):
        return "this is no TOML: write `true` or `false`, in small letters, or leave the line out."
    if value.startswith(("[", "{")):
        return "this is no TOML: a list or table is not closed, or lacks a comma."
    if value.startswith("'") and value.count("'") > 2:
        return "this is no TOML: a text with `'` in it stands in double quotes."
    if said.startswith("Invalid value") and not value.startswith(('"', "'")):
        return f'this is no TOML: a text stands in quotes, as {key} = "{value}".'
    if "twice" in said or "overwrite" in said:
        return f"`{key.strip('[]')}` stands in this file twice."
    return f"this is no TOML: {said[0].lower()}{said[1:]}."


def _error(where: str, text: str) -> ConfigError:
    problem = Problem(where, None, text)
    return ConfigError(str(problem), problems=[problem])
