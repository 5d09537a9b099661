"""`convo translations`: an app's own words, in the place of those of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["translations"]

translations = typer.Typer(
    name="translations", no_args_is_help=True, help="The app's own words for the page, in `translations/`."
)


@translations.callback()
def _group() -> None:
    """Keeps `check` a command of the group while it is the only one."""


@translations.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Where the app is.", exists=True, file_okay=False)] = Path("."),
) -> None:
    """Say what is wrong in the files of `translations/`: unknown keys, wrong parameters, missing plurals.

    Ends with 1 when something is.
    """
    from convo.folder import TRANSLATIONS  # not needed for `--help`
    from convo_ui.languages import languages

    files = sorted((folder / TRANSLATIONS).glob("*.json"))
    if not files:
        typer.echo(f"There are no words in `{folder / TRANSLATIONS}`; as `de.json`, they would stand there.", err=True)
        return
    found = 0
    for path in files:
        words, wrong = languages().checked(path)
        for key, why in wrong.items():
            typer.echo(f"{path}: `{key}`: {why}")
        found += len(wrong)
        if not wrong:
            typer.echo(f"{path}: {_count(words)} right", err=True)
    if found:
        raise typer.Exit(1)


def _count(words: dict[str, object]) -> int:
    return sum(_count(value) if isinstance(value, dict) else 1 for value in words.values())
