"""A Rewriting: files that change or come to be, shown before they are written."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from convo import ConfigError, ConvoError
from convo.config import FILE_NAME, upgraded

__all__ = ["Rewriting", "Rewritten", "upgrade_of"]


@dataclass(frozen=True)
class Rewritten:
    """A file, what is in it (`None`: it is not there) and what will be."""

    path: Path
    before: str | None
    after: str

    @property
    def diff(self) -> str:
        """The difference, as `diff -u` shows it."""
        name = self.path.as_posix()
        lines = difflib.unified_diff(
            (self.before or "").splitlines(), self.after.splitlines(), name if self.before is not None else "/dev/null",
            name, lineterm="",
        )  # fmt: skip
        return "\n".join(lines)


class Rewriting:
    """Of several files."""

    def __init__(self, files: Sequence[Rewritten]) -> None:
        self._files = [file for file in files if file.before != file.after]

    def show_or_write(self, *, apply: bool) -> None:
        """Print the differences, and write them if that is asked for. Raises `ConvoError` when that fails."""
        for file in self._files:
            typer.echo("\n".join(_coloured(line) for line in file.diff.splitlines()))
        if not apply:
            typer.echo("\nNothing was written; --apply writes it.", err=True)
            return
        for file in self._files:
            try:
                file.path.parent.mkdir(parents=True, exist_ok=True)
                file.path.write_text(file.after, "utf-8", newline="")
            except OSError as error:
                raise ConvoError(f"{file.path} cannot be written: {error.strerror}.") from error
            typer.echo(f"Wrote {file.path}.", err=True)


def upgrade_of(directory: str) -> Rewritten | None:
    """What a folder's settings must change to be of this version; `None` for nothing. Raises `ConfigError`."""
    for name, table in ((FILE_NAME, ""), ("pyproject.toml", "tool.convo.")):
        path = Path(directory) / name
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            before = file.read()
        try:
            after = upgraded(before, table)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: {error}.") from error
        if after != before:
            return Rewritten(path, before, after)
    return None


def _coloured(line: str) -> str:
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return typer.style(line, fg=colour) if colour else line
