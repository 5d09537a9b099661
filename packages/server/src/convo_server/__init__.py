"""Serves a `convo.App` over Socket.IO, HTTP and SSE, on any ASGI server."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from convo_server._version import __version__

if TYPE_CHECKING:
    from convo_server.application import create_app, mount
    from convo_server.dependencies import Dependencies, current_principal, current_session, current_thread
    from convo_server.host import Host
    from convo_server.serving import serve

__all__ = [
    "Dependencies",
    "Host",
    "__version__",
    "create_app",
    "current_principal",
    "current_session",
    "current_thread",
    "mount",
    "serve",
]

_PLACES = {
    "Dependencies": "dependencies",
    "Host": "host",
    "create_app": "application",
    "current_principal": "dependencies",
    "current_session": "dependencies",
    "current_thread": "dependencies",
    "mount": "application",
    "serve": "serving",
}


def __getattr__(name: str) -> Any:
    """Each on first use: what only reads settings loads no server."""
    if name not in _PLACES:
        raise AttributeError(f"module `convo_server` has no attribute `{name}`")
    return getattr(import_module(f"convo_server.{_PLACES[name]}"), name)
