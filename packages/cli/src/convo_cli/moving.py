"""A Moving: what becomes of a Chainlit project, shown, or written."""

from __future__ import annotations

from pathlib import Path

import typer
from convo import ConvoError

from convo_cli.chainlit import Project
from convo_cli.progress import counted
from convo_cli.rewriting import Rewriting

__all__ = ["Moving"]


class Moving:
    """Of the project in `folder`."""

    def __init__(self, folder: str) -> None:
        self._project = Project(Path(folder))

    def run(self, *, apply: bool, force: bool) -> None:
        """Print the differences and what is left by hand. Raises `ConvoError` before it would write over a file."""
        project = self._project
        if apply and not force and (existing := project.existing):
            names = ", ".join(f"`{path}`" for path in existing)
            raise ConvoError(
                f"There already: {names}. Nothing was written; move it away, or write over it with --force."
            )
        files = [*project.made, *project.edited]
        if all(file.before == file.after for file in files):
            typer.echo("Nothing to write: all that can be converted is there.", err=True)
        else:
            Rewriting(files).show_or_write(apply=apply)
        self._say_left()

    def _say_left(self) -> None:
        left = self._project.left
        typer.echo(f"\nLeft to do by hand: {counted(len(left), 'thing') if left else 'nothing'}.")
        for one in left:
            typer.echo(f"  {one}")
