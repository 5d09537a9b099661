"""Headers: what every response says to browsers, unless its route knows better."""

from __future__ import annotations

from convo import Config
from convo.protocol import CommandError
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from convo_server.origins import Address, Origins, is_loopback

__all__ = ["DEFAULTS", "Headers"]

DEFAULTS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of a response that says nothing else: it is data for the app's own page, and no document."""


class Headers:
    """Around everything: also what answers an error, and what no route answered."""

    def __init__(self, app: ASGIApp, config: Config, origins: Origins) -> None:
        self._app = app
        self._hsts = f"max-age={config.server.hsts_seconds}" if config.server.hsts_seconds else None
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in DEFAULTS.items():
                    headers.setdefault(name, value)
                if self._hsts is not None and self._is_secure(scope):
                    headers.setdefault("Strict-Transport-Security", self._hsts)
            await send(message)

        await self._app(scope, receive, completed)

    def _is_secure(self, scope: Scope) -> bool:
        """Whether the browser came by https, to a host that a browser may remember: `localhost` is shared by many."""
        try:
            address: Address = self._origins.address(HTTPConnection(scope))
        except CommandError:
            return False
        return address.scheme == "https" and not is_loopback(address.host)
