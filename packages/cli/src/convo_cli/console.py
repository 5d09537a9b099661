"""What the command says: the greeting and errors."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import typer
from convo import Config

__all__ = ["greet", "has_colour", "has_display", "report"]


def greet(config: Config, url: str, *, history: str | None, is_watching: bool) -> None:
    """Say where the app is, on stdout, and where its history went when nobody said where it should."""
    lines = [f"  {config.project.name} is ready at {_styled(url, sys.stdout, bold=True)}"]
    if config.server.headless:
        lines.append("  The API only, without the web app.")
    if history is not None:
        lines.append(f"  {history}")
    if is_watching:
        lines.append("  Watching for changes. Ctrl-C stops.")
    else:
        lines.append("  Ctrl-C stops. Add -w to reload when a file changes.")
    typer.echo("\n" + "\n".join(lines) + "\n")
    sys.stdout.flush()


def report(text: str, detail: str | None = None) -> None:
    """One line on stderr, and below it the traceback if there is one."""
    typer.echo(f"{_styled('Error:', sys.stderr, fg='red')} {text}", err=True)
    if detail is not None:
        typer.echo(detail, err=True)


def has_colour(stream: TextIO) -> bool:
    """Whether to write colours there: to a terminal that knows them, unless `NO_COLOR` is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def has_display() -> bool:
    """Whether a browser could show a window, and a person sits at the terminal."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in ("darwin", "win32"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _styled(text: str, stream: TextIO, *, bold: bool | None = None, fg: str | None = None) -> str:
    return typer.style(text, bold=bold, fg=fg) if has_colour(stream) else text
