"""`convo secret`: a fresh secret for `[auth]`."""

from __future__ import annotations

import secrets

import typer

__all__ = ["secret"]


def secret() -> None:
    """Print a fresh secret, which signs who is logged in, as a line for the environment."""
    typer.echo(f"CONVO_AUTH__SECRET={secrets.token_urlsafe(48)}")
