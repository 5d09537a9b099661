"""Serves a `convo.App` over Socket.IO, HTTP and SSE, on any ASGI server."""

from __future__ import annotations

from convo_server._version import __version__
from convo_server.application import create_app, mount
from convo_server.host import Host
from convo_server.serving import serve

__all__ = ["Host", "__version__", "create_app", "mount", "serve"]
