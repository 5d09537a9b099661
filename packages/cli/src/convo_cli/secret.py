"""`convo secret`: a fresh secret for `[auth]`."""

from __future__ import annotations

import typer

__all__ = ["secret"]


def secret() -> None:
    """Print a fresh secret, which signs who is logged in, as a line for the environment."""
    import secrets  # not needed for `--help`

    typer.echo(f"CONVO_AUTH__SECRET={secrets.token_urlsafe(48)}")
