"""The gate: which requests come in at all, by the host they name and the address they come from."""

from __future__ import annotations

import logging
from collections import Counter

from convo import Config
from convo.protocol import CommandError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from convo_server.allowance import Allowances
from convo_server.errors import failure_response
from convo_server.origins import Origins

__all__ = ["Gate"]

logger = logging.getLogger("convo_server.gate")

_PROBES = ("/health", "/ready")
"""What a supervisor asks by whatever name it knows. They tell nothing."""


class Gate:
    """Around all routes, plain HTTP and sockets alike."""

    def __init__(self, app: ASGIApp, config: Config, origins: Origins) -> None:
        self._app = app
        self._origins = origins
        self._limit = config.limits.connections_per_address
        self._allowances = Allowances(
            config.limits.requests_per_second,
            "Too many requests come from your network; wait a moment.",
            key="network",
        )
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        client = self._origins.client(connection)
        try:
            if scope["path"].removeprefix(scope.get("root_path", "")) not in _PROBES:
                self._origins.check_host(connection)
            if client is not None:
                self._spend(client)
        except CommandError as error:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await failure_response(error.failure)(scope, receive, send)
            return
        if client is None:
            await self._app(scope, receive, send)
            return
        self._open[client] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[client] -= 1
            if self._open[client] <= 0:
                del self._open[client]

    def _spend(self, client: str) -> None:
        """Raises `CommandError`: `rate-limited`."""
        try:
            self._allowances.spend(client)
            if self._open[client] >= self._limit:
                text = f"{self._limit} connections of your network are open; close some."
                raise CommandError(
                    "rate-limited", text, key="networkConnections", retry_after=5.0, details={"limit": self._limit}
                )
        except CommandError:
            logger.warning(
                "Refused a request from %s, whose limit is reached: if that is a proxy, set `server.trust_proxy`; "
                "else see `limits.requests_per_second` and `limits.connections_per_address`",
                client,
            )
            raise
