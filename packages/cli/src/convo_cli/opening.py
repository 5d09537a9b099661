"""What a command is about, opened: the app in a file, or the settings of the folder we are in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from convo import App, ConfigError
from convo.config import load_dotenv
from convo.loader import load_app, split_target

from convo_cli.console import report

__all__ = ["folder_of", "load_target", "load_variables", "open_app"]


def open_app(target: str | None, flags: Mapping[str, Any] | None = None) -> App:
    """The App of `target`, with its settings read; without one, an App of no callbacks with those of this folder.

    Raises `ConfigError`, `LoadError`.
    """
    app = load_target(target)
    app.configure(folder_of(target), flags)
    return app


def load_target(target: str | None) -> App:
    """The same, before its settings are read. What `.env` says in its folder is a variable from then on."""
    if target is not None:
        return load_app(target)
    load_dotenv(".")
    return App()


def load_variables(folder: Path | str = ".") -> None:
    """Make variables of what `.env` says in `folder`, for a command that opens nothing there itself; or exit."""
    try:
        load_dotenv(folder)
    except ConfigError as error:
        report(str(error))
        raise typer.Exit(1) from error


def folder_of(target: str | None) -> str:
    """Where the settings are, and the other modules of an app: beside its file."""
    return "." if target is None else str(split_target(target)[0].resolve().parent)
