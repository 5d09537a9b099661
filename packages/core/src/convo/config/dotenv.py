"""The DotEnv: a `.env` file beside the app, whose lines are variables that nobody has set otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from convo.config.problem import Problem, refusal
from convo.errors import ConfigError

__all__ = ["DotEnv", "load_dotenv"]

DOTENV = ".env"


@dataclass(frozen=True, slots=True)
class DotEnv:
    """What a folder's `.env` says; of a folder without one, nothing."""

    path: Path
    values: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, directory: Path) -> DotEnv:
        """Raises `ConfigError` for a file that cannot be read, and for a line that is no variable."""
        path = directory / DOTENV
        if not path.is_file():
            return cls(path)
        from dotenv import dotenv_values  # it comes with pydantic-settings; most apps have no such file
        from dotenv.parser import parse_stream

        try:
            text = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from error
        problems, lines = [], {}
        for binding in parse_stream(StringIO(text)):
            line = binding.original.line
            line += len(binding.original.string) - len(binding.original.string.lstrip("\n"))
            if binding.error or (binding.key is not None and binding.value is None):
                problems.append(Problem(f"{path}, line {line}", None, "is no variable; write it as `NAME=value`."))
            elif binding.key is not None:
                lines[binding.key] = line
        if problems:
            raise refusal(problems)
        values = {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value is not None}
        return cls(path, values, lines)

    def line_of(self, name: str) -> int | None:
        """The line that a variable of this process comes from; `None` if it was set otherwise."""
        return self.lines.get(name) if os.environ.get(name) == self.values.get(name) else None


def load_dotenv(directory: Path | str) -> None:
    """Put what the `.env` in `directory` says into this process's environment, never over what is set there.

    For entry points, before they import the app. Raises `ConfigError`.
    """
    for name, value in DotEnv.read(Path(directory)).values.items():
        os.environ.setdefault(name, value)
