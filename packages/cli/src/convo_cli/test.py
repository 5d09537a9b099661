"""`convo test`: run the tests of an app."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["test"]

FILE = "app.py"
_MARKS = ("convo.toml", FILE)
_CONFIGURATIONS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
FAILED = 1


App = Annotated[
    str | None, typer.Option("--app", metavar="FILE[:APP]", help="What the fixture `chat` talks to.", show_default=FILE)
]


def test(context: typer.Context, app: App = None) -> None:  # noqa: PT028 - a command, and no test of ours
    """Run the app's tests with pytest, in its folder; all that follows is pytest's.

        convo test -x -k greeting

    The folder is the nearest one, from here upwards, with a convo.toml or an app.py. The exit code is pytest's.
    """
    if not (_is_installed("pytest") and _is_installed("pytest_asyncio")):
        from convo_cli.console import report

        report('Tests run with pytest and pytest-asyncio; install them with: pip install "convo-core[testing]"')
        raise typer.Exit(FAILED)
    from convo_cli.opening import load_variables  # not needed for `--help`

    folder = _app_folder(Path.cwd())
    load_variables(folder)
    arguments = [_absolute(argument) for argument in context.args]
    command = [sys.executable, "-m", "pytest", *_defaults(folder, app), *arguments]
    raise typer.Exit(subprocess.call(command, cwd=folder))  # noqa: S603 - pytest, by whoever types it


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:  # somebody has taken it away
        return False


def _app_folder(here: Path) -> Path:
    for folder in (here, *here.parents):
        if any((folder / mark).is_file() for mark in _MARKS):
            return folder
    return here


def _defaults(folder: Path, app: str | None) -> list[str]:
    """What pytest needs to know and is told by no configuration of the folder's."""
    said = "".join(path.read_text("utf-8", "replace") for name in _CONFIGURATIONS if (path := folder / name).is_file())
    options = [] if "asyncio_mode" in said else ["-o", "asyncio_mode=auto"]
    if app is not None:
        return [*options, "-o", f"convo_app={_absolute(app)}"]
    if "convo_app" not in said and (folder / FILE).is_file():
        options += ["-o", f"convo_app={FILE}"]
    return options


def _absolute(argument: str) -> str:
    """A path, as of a test's file, means the same in the app's folder."""
    path, colons, rest = argument.partition(":")
    return f"{Path(path).resolve()}{colons}{rest}" if path and Path(path).exists() else argument
