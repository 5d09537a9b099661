"""What the command says: the greeting, errors, and the log's format."""

from __future__ import annotations

import logging
import os
import sys

import typer
from convo import Config
from convo.masking import MaskingFormatter

__all__ = ["greet", "has_display", "report", "set_up_logging"]


def greet(config: Config, url: str, *, history: str | None, is_watching: bool) -> None:
    """Say where the app is, on stdout, and where its history went when nobody said where it should."""
    lines = [f"  {config.project.name} is ready at {typer.style(url, bold=True)}"]
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
    typer.echo(f"{typer.style('Error:', fg='red')} {text}", err=True)
    if detail is not None:
        typer.echo(detail, err=True)


def has_display() -> bool:
    """Whether a browser could show a window, and a person sits at the terminal."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in ("darwin", "win32"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def set_up_logging(*, is_verbose: bool) -> None:
    """One line per record on stderr: ours from INFO, others from WARNING; with `is_verbose` one level more each.

    Passwords, tokens and keys are left out of it, whoever writes them.
    """
    name = " %(name)s:" if is_verbose else ""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter(f"%(asctime)s %(levelname)s{name} %(message)s", datefmt="%H:%M:%S"))
    logging.basicConfig(level=logging.INFO if is_verbose else logging.WARNING, handlers=[handler])
    for ours in ("convo", "convo_server", "convo_cli"):
        logging.getLogger(ours).setLevel(logging.DEBUG if is_verbose else logging.INFO)
