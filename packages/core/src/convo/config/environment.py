"""The Environment: `CONVO_…` variables, and what platforms call their own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from convo.config.dotenv import DotEnv
from convo.config.leaves import OPEN_TABLES, OpenTable, canonical_name, section_of
from convo.config.problem import Problem, closest, hint
from convo.config.settings import ENV_PREFIX, Config, merged
from convo.config.upgrade import moved_to
from convo.plugins import is_installed, list_plugins

__all__ = ["Environment", "unheard"]

_PLATFORMS: OpenTable = "platforms"
_NO_SETTINGS = frozenset({"CONVO_TOKEN"})
"""What `convo chat` shows a server: it says nothing of an app."""


_FIRST = {"slack": "SLACK_BOT_TOKEN", "discord": "DISCORD_BOT_TOKEN", "teams": "TEAMS_APP_ID"}
"""The variable of a platform by which somebody says that he wants it."""


def unheard() -> dict[str, str]:
    """Platforms that a variable asks for and whose package is not installed, with the variable."""
    asked = {name: variable for name, variable in _FIRST.items() if os.environ.get(variable)}
    return {name: variable for name, variable in asked.items() if not is_installed("platforms", name)}


class Environment:
    """Settings that variables make. An empty one counts as not set. `problems` are variables that name no setting."""

    def __init__(self, directory: Path) -> None:
        self._dotenv = DotEnv.read(directory)
        self._names = {name.upper(): name for name in os.environ if name.upper().startswith(ENV_PREFIX)}
        for name in _NO_SETTINGS:
            self._names.pop(name, None)
        self._aliases: dict[tuple[str | int, ...], str] = {}
        self.problems = [
            Problem(self._said(name), None, f"names no setting.{_hint(name)}")
            for name in self._names.values()
            if os.environ[name] and name[len(ENV_PREFIX) :].split("__")[0].lower() not in Config.model_fields
        ]
        self.values: dict[str, Any] = merged(self._platforms(), _canonical(_Variables(Config)()))

    def where(self, keys: tuple[str | int, ...]) -> str:
        """The variable that a setting comes from."""
        for end in range(len(keys), 0, -1):
            variable = ENV_PREFIX + "__".join(str(key) for key in keys[:end]).upper().replace("-", "_")
            if variable in self._names:
                return self._said(self._names[variable])
            if keys[:end] in self._aliases:
                return self._said(self._aliases[keys[:end]])
        return "the environment"

    def _said(self, name: str) -> str:
        line = self._dotenv.line_of(name)
        return f"the variable `{name}`" if line is None else f"{self._dotenv.path}, line {line}, `{name}`"

    def _platforms(self) -> dict[str, Any]:
        """What platforms call their own: `SLACK_BOT_TOKEN` is `platforms.slack.bot_token`, where that is installed."""
        found: dict[str, Any] = {}
        for point in list_plugins("settings"):
            table, _, name = point.name.partition(".")
            prefix = f"{name.upper().replace('-', '_')}_"
            if table != _PLATFORMS or not any(variable.startswith(prefix) for variable in os.environ):
                continue
            section = section_of(_PLATFORMS, name)
            for key in () if section is None else section.model_fields:
                variable = f"{prefix}{key.upper()}"
                if value := os.environ.get(variable):
                    found.setdefault(_PLATFORMS, {}).setdefault(name, {})[key] = value
                    self._aliases[_PLATFORMS, name, key] = variable
        return found


class _Variables(EnvSettingsSource):
    """Variables by pydantic's rules; lists may be written as `one, two`, and what is no JSON is refused later."""

    def __init__(self, config: type[Config]) -> None:
        super().__init__(config, case_sensitive=False, env_ignore_empty=True)

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: Any) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            if field is not None and get_origin(field.annotation) is tuple:
                return [part.strip() for part in str(value).split(",") if part.strip()]
            return value


def _canonical(values: dict[str, Any]) -> dict[str, Any]:
    """Values whose leaves are called as their packages call them."""
    for table in OPEN_TABLES:
        inner: Any = values
        *parents, last = table.split(".")
        for key in parents:
            inner = inner.get(key, {}) if isinstance(inner, Mapping) else {}
        if isinstance(inner, dict) and isinstance(inner.get(last), Mapping):
            inner[last] = {canonical_name(table, name): value for name, value in inner[last].items()}
    return values


def _hint(name: str) -> str:
    """What somebody who wrote a variable that names no setting may have meant."""
    keys = name[len(ENV_PREFIX) :].lower().split("__")
    if (place := moved_to(keys)) is not None:
        return f" It is now `{ENV_PREFIX}{place.upper().replace('.', '__')}`."
    if close := closest(keys[0], Config.model_fields):
        return f" Did you mean `{ENV_PREFIX}{'__'.join([close, *keys[1:]]).upper()}`?"
    return hint(keys[:1], Config)
