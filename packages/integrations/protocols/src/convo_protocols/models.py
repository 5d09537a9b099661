"""`GET /v1/models`: the app's profiles as models; an app without profiles is one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convo.protocol import CommandError

__all__ = ["choose_profile", "list_models", "model"]


def list_models(profiles: Sequence[str], app: str) -> dict[str, Any]:
    return {"object": "list", "data": [_model(name) for name in profiles or (app,)]}


def model(name: str, profiles: Sequence[str], app: str) -> dict[str, Any]:
    """Raises `CommandError`: `not-found`."""
    if name not in (profiles or (app,)):
        raise _unknown(name, profiles or (app,))
    return _model(name)


def choose_profile(name: str | None, profiles: Sequence[str], app: str) -> str | None:
    """The profile that a request means by its `model`; `None` for the default one.

    Where there are no profiles, any name is the app's. Raises `CommandError`: `not-found`.
    """
    if not profiles or name in (None, app):
        return None
    if name not in profiles:
        raise _unknown(name or "", profiles)
    return name


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "convo"}


def _unknown(name: str, offered: Sequence[str]) -> CommandError:
    text = f"There is no model `{name[:64]}`; there are {', '.join(offered)}."
    return CommandError("not-found", text, details={"param": "model", "code": "model_not_found"})
