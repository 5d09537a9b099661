"""Origins: which pages may talk to the app. One rule for HTTP, SSE and sockets."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from convo import Config
from convo.protocol import CommandError
from starlette.requests import HTTPConnection

__all__ = ["Address", "Origins"]

logger = logging.getLogger("convo_server.origins")

_PORTS = {"http": 80, "https": 443}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a browser finds something: what an origin is made of."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> Address | None:
        """The address in a URL; `None` when there is none in it."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            return None
        return cls(parts.scheme, parts.hostname, port) if parts.hostname else None

    @property
    def origin(self) -> str:
        """As browsers write it: without the port that its scheme has anyway."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


class Origins:
    """The rule: the app's own origin, or one that `server.allowed_origins` names. Programs send none."""

    def __init__(self, config: Config) -> None:
        self._trust_proxy = config.server.trust_proxy
        self._allowed = frozenset(
            address for origin in config.server.allowed_origins if (address := Address.parse(origin))
        )

    @property
    def allowed(self) -> list[str]:
        """The other origins that may talk to the app, and show it in a frame, as browsers write them."""
        return sorted(origin for address in self._allowed if _ORIGIN.fullmatch(origin := address.origin))

    def address(self, connection: HTTPConnection) -> Address:
        """Where the client sees the app. Raises `CommandError` when its `Host` cannot be read."""
        headers = connection.headers
        scheme = "https" if connection.scope.get("scheme") in ("https", "wss") else "http"
        host = headers.get("host", "")
        if self._trust_proxy:
            scheme = _first(headers.get("x-forwarded-proto")) or scheme
            host = _first(headers.get("x-forwarded-host")) or host
        address = Address.parse(f"{scheme}://{host}")
        if address is None:
            raise CommandError("invalid", "The request names no host that can be read.")
        return address

    def check(self, connection: HTTPConnection) -> None:
        """Let a page that may talk to the app pass. Raises `CommandError`."""
        origin = connection.headers.get("origin")
        if origin is None:
            return
        address = Address.parse(origin)
        if address is None or (address != self.address(connection) and address not in self._allowed):
            if address is not None:  # one that can be named
                logger.warning(
                    "Refused the origin %r: name it in `server.allowed_origins`; "
                    "behind a proxy, set `server.trust_proxy`",
                    origin[:200],
                )
            raise CommandError("unauthenticated", "This page may not talk to this server.")


def _first(value: str | None) -> str:
    return (value or "").split(",")[0].strip()
