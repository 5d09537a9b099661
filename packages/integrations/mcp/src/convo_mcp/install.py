"""Connecting the chats of an App: called at its start, where `[mcp]` lets chats have servers."""

from __future__ import annotations

from typing import cast

from convo import App
from convo.run import Client
from convo.session import Session

from convo_mcp.connections import Connections
from convo_mcp.grant import Grants
from convo_mcp.settings import ServerSettings
from convo_mcp.target import Target
from convo_mcp.words import Words

__all__ = ["install"]


def install(app: App) -> None:
    """Let users of `app` connect their chats to its servers. Idempotent."""
    if app.callbacks.mcp is not None:
        return
    settings, grants, words = app.config.mcp, Grants(), Words(app)
    targets = {name: Target(name, cast(ServerSettings, server)) for name, server in settings.servers.items()}
    app.callbacks.mcp = lambda chat: Connections(chat, targets, settings.own, grants, words)
    app.observe(_connect)


def _connect(chat: Session) -> None:
    """A chat begins, or goes on where it was left."""
    if isinstance(chat.mcp, Connections):
        chat.mcp.begin(Client(principal_id=chat.owner_id))
