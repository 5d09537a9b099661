"""The Effective settings: those that count, with where each comes from, and without secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from convo import Config
from convo.config import DEFAULT, Section, Sources
from convo.masking import masked
from convo_server.oauth.environment import read_environment
from pydantic import SecretStr

from convo_cli.opening import folder_of, load_target

__all__ = ["Effective", "toml_value"]

HIDDEN = "***"


@dataclass(frozen=True)
class Setting:
    """One key with its value, `None` for none, and where it comes from."""

    keys: tuple[str, ...]
    value: Any
    origin: str

    @property
    def name(self) -> str:
        return ".".join(self.keys)


class Effective:
    """Settings of an app, or of a folder."""

    def __init__(self, config: Config, sources: Sources) -> None:
        self._config = config
        self._sources = sources

    @classmethod
    def read(cls, target: str | None) -> Effective:
        """Those of the app in `target`, as `convo run` would read them; without one, of the folder we are in.

        Raises `ConfigError`, `LoadError`.
        """
        app, directory = load_target(target), folder_of(target)
        if isinstance(app.settings, Config):
            return cls(app.settings, Sources.read(directory, settings=app.settings.model_dump(exclude_unset=True)))
        sources = Sources.read(directory, settings=app.settings)
        return cls(sources.config(), sources)

    @property
    def summary(self) -> str:
        """How many are set, and in which file."""
        count = sum(setting.origin != DEFAULT for setting in self._settings())
        file = self._sources.file.path
        where = f"{file} is read" if file.is_file() else f"there is no {file.name}, and none is needed"
        return f"{count} set, all others as they are by default; {where}"

    def as_toml(self, *, with_origin: bool) -> str:
        """As a file of settings; those that have no value are comments."""
        lines: list[str] = []
        table: tuple[str, ...] = ()
        for setting in sorted(self._settings(), key=lambda one: len(one.keys) > 1):
            if setting.keys[:-1] != table:
                table = setting.keys[:-1]
                lines.append(f"\n[{'.'.join(map(toml_key, table))}]")
            text = f"{toml_key(setting.keys[-1])} = {toml_value(setting.value)}".rstrip()
            text = f"# {text}" if setting.value is None else text
            lines.append(f"{text:40}  # {setting.origin}" if with_origin else text)
        lines += [
            f"\n# [auth.oauth.{found.name}] is made of variables that begin with `{found.prefix}_`, in an app that has "
            "an `oauth_callback`."
            for found in read_environment(os.environ)
        ]
        return "\n".join(lines).strip()

    def as_json(self) -> str:
        """As an object: by the name of each setting its value and origin."""
        found = {one.name: {"value": one.value, "origin": one.origin} for one in self._settings()}
        return json.dumps(found, indent=2, ensure_ascii=False)

    def _settings(self) -> Iterator[Setting]:
        for keys, value in _leaves(self._config):
            yield Setting(keys, _shown(value), self._sources.where(keys) if self._sources.is_set(keys) else DEFAULT)


def _leaves(section: Any, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All keys below a table, those that are no tables first."""
    values = {key: getattr(section, key) for key in type(section).model_fields}
    tables = {key: value for key, value in values.items() if isinstance(value, Section | Mapping)}
    for key, value in values.items():
        if key not in tables:
            yield (*prefix, key), value
    for key, value in tables.items():
        if not isinstance(value, Mapping):
            yield from _leaves(value, (*prefix, key))
            continue
        for name, inner in value.items():
            if isinstance(inner, Section):
                yield from _leaves(inner, (*prefix, key, name))
            else:
                yield (*prefix, key, name), inner


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Section):
        return {key: _shown(getattr(value, key)) for key in type(value).model_fields}
    if isinstance(value, Mapping):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    return value


def toml_key(key: str) -> str:
    """A key as TOML writes it."""
    return key if key.replace("_", "a").replace("-", "a").isalnum() and key.isascii() else json.dumps(key)


def toml_value(value: Any) -> str:
    """A value as TOML writes it; `None`, which it has no word for, is nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and value == int(value) else str(value)
    if isinstance(value, Mapping):
        inner = (f"{toml_key(key)} = {toml_value(one)}" for key, one in value.items() if one is not None)
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(str(value), ensure_ascii=False)
