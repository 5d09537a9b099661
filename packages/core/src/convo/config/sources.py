"""The Sources: everything that has a say in the settings, and who had it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from convo.config.environment import Environment
from convo.config.file import SettingsFile
from convo.config.leaves import OPEN_TABLES, OpenTable, canonical_name, read_leaf
from convo.config.problem import Problem, explain, refusal
from convo.config.settings import Config, merged
from convo.errors import ConfigError, MissingPackageError

__all__ = ["DEFAULT", "Sources"]

DEFAULT = "default"
Keys = tuple[str | int, ...]


class Source(Protocol):
    """Settings, and where each of them stands."""

    @property
    def values(self) -> Mapping[str, Any]: ...

    def where(self, keys: Keys) -> str: ...


@dataclass(frozen=True, slots=True)
class _Flags:
    """Those of a command line."""

    values: Mapping[str, Any]

    def where(self, keys: Keys) -> str:
        return f"the flag `--{str(keys[-1]).replace('_', '-')}`"


@dataclass(frozen=True, slots=True)
class _Code:
    """Those that a program gives."""

    values: Mapping[str, Any]

    def where(self, keys: Keys) -> str:
        return "`App(config=…)`"


@dataclass(frozen=True)
class Sources:
    """From the weakest to the strongest: the file, the environment, flags, code."""

    file: SettingsFile
    environment: Environment
    flags: Source
    code: Source
    _values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        directory: Path | str = ".",
        *,
        flags: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Sources:
        """Read them all. Raises `ConfigError` for a file that cannot be read."""
        folder = Path(directory)
        file, environment = SettingsFile.read(folder), Environment(folder)
        sources = cls(file, environment, _Flags(flags or {}), _Code(settings or {}))
        for source in sources._by_strength:
            sources._values.update(merged(sources._values, source.values))
        return sources

    @property
    def _by_strength(self) -> tuple[Source, ...]:
        return self.file, self.environment, self.flags, self.code

    def config(self) -> Config:
        """The settings. Raises `ConfigError`, which names every mistake."""
        values, problems = self._with_leaves()
        try:
            config = Config(**values)
        except ValidationError as error:
            problems += [
                Problem(self.where(problem["loc"]), *explain(problem, Config, values)) for problem in error.errors()
            ]
        if problems := [*self.environment.problems, *problems]:
            raise refusal(problems)
        return config

    def where(self, keys: Keys) -> str:
        """Where a setting stands; of one that is missing, what it is missing from. `default` when nobody set it."""
        for end in range(len(keys), 0, -1):
            for source in reversed(self._by_strength):
                if _holds(source.values, keys[:end]):
                    return source.where(keys[:end])
        return DEFAULT

    def is_set(self, keys: Keys) -> bool:
        """Whether somebody set it."""
        return _holds(self._values, keys)

    def _with_leaves(self) -> tuple[dict[str, Any], list[Problem]]:
        """The values with the tables of leaves read; those that are wrong are left out, and told of."""
        values: dict[str, Any] = merged(self._values, {})
        problems: list[Problem] = []
        for table in OPEN_TABLES:
            *parents, last = table.split(".")
            inner = values
            for key in parents:
                inner[key] = dict(inner[key]) if isinstance(inner.get(key), Mapping) else {}
                inner = inner[key]
            if not isinstance(inner.get(last), Mapping):
                continue
            leaves = {}
            for name, value in inner[last].items():
                ours = canonical_name(table, name)
                try:
                    leaves[ours] = read_leaf(table, ours, value)
                except (ConfigError, MissingPackageError, ValidationError) as error:
                    problems += self._leaf_problems(table, name, value, error)
            inner[last] = leaves
        return values, problems

    def _leaf_problems(self, table: OpenTable, name: str, value: Any, error: Exception) -> Iterator[Problem]:
        place = (*table.split("."), name)
        if not isinstance(error, ValidationError):
            yield Problem(self.where(place), ".".join(place), str(error))
            return
        from convo.config.leaves import section_of

        section = section_of(table, name) if isinstance(value, Mapping) else Config
        for problem in error.errors():
            key, text = explain(problem, section or Config, value)
            yield Problem(self.where((*place, *problem["loc"])), ".".join((*place, *([key] if key else []))), text)


def _holds(values: Any, keys: Keys) -> bool:
    for key in keys:
        if isinstance(values, list | tuple) and isinstance(key, int) and key < len(values):
            values = values[key]
            continue
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True
