"""Health: what a supervisor and a load balancer ask."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from convo_server.host import Host

__all__ = ["Health"]


class Health:
    """The endpoints, for a Host."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def health(self, request: Request) -> Response:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """New connections are welcome: not before the start has ended, nor from the moment the end begins.

        `platforms` says how each bridge is: one that is not connected keeps nobody from the web app.
        """
        if self._host.is_ready:
            states = self._host.platforms.states
            platforms = {"platforms": {name: state.status for name, state in states.items()}} if states else {}
            return JSONResponse({"status": "ready", **platforms})
        return JSONResponse({"status": "unavailable"}, 503)
