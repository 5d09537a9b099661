"""`convo init`: a file of settings to begin with."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["init"]


def init(directory: Annotated[str, typer.Argument(help="Where to write it.", show_default="here")] = ".") -> None:
    """Write a convo.toml in which every setting is explained. What is there is never overwritten.

    An app runs without one, too.
    """
    from convo_cli.blank import write_blank  # none of it is needed for `--help` and completion

    raise typer.Exit(write_blank(directory))
