"""Origins: which pages may talk to the app, and by which names it is called. One rule for HTTP, SSE and sockets."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from convo import Config
from convo.protocol import CommandError
from convo.url_pattern import ORIGIN, PORTS
from starlette.requests import HTTPConnection

__all__ = ["Address", "Origins", "is_loopback"]

logger = logging.getLogger("convo_server.origins")

_REMEMBERED = 1024
_LENGTH = 300  # of what is remembered: a name of a host has at most 253 characters


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
            port = parts.port or PORTS[parts.scheme]
        except (ValueError, KeyError):
            return None
        return cls(parts.scheme, parts.hostname, port) if parts.hostname else None

    @property
    def origin(self) -> str:
        """As browsers write it: without the port that its scheme has anyway."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")


class Origins:
    """The rule: the app's own origin, or one that `server.allowed_origins` names. Programs send none.

    Set `is_local` when only this machine can reach the app. Then it has only the names of this machine: a page of
    another host could else let its own name lead here (DNS rebinding), and would be of the app's origin.
    """

    def __init__(self, config: Config) -> None:
        self.is_local = False
        self._trust_proxy = config.server.trust_proxy
        self._proxies = config.server.proxies
        self._hosts = tuple(host.lower() for host in config.server.allowed_hosts)
        self._allowed = frozenset(
            address for origin in config.server.allowed_origins if (address := Address.parse(origin))
        )
        # Each is needed several times for one request, and hardly differs from one request to the next.
        self._parse = lru_cache(_REMEMBERED)(Address.parse)
        self._network = lru_cache(_REMEMBERED)(_network)

    @property
    def allowed(self) -> list[str]:
        """The other origins that may talk to the app, and show it in a frame, as browsers write them."""
        return sorted(origin for address in self._allowed if ORIGIN.fullmatch(origin := address.origin))

    def address(self, connection: HTTPConnection) -> Address:
        """Where the client sees the app. Raises `CommandError` when its `Host` cannot be read."""
        headers = connection.headers
        scheme = "https" if connection.scope.get("scheme") in ("https", "wss") else "http"
        host = headers.get("host", "")
        if self._trust_proxy:
            scheme = self._forwarded(headers.get("x-forwarded-proto")) or scheme
            host = self._forwarded(headers.get("x-forwarded-host")) or host
        address = self._address_in(f"{scheme}://{host}")
        if address is None:
            raise CommandError("invalid", "The request names no host that can be read.")
        return address

    def client(self, connection: HTTPConnection) -> str | None:
        """The address that a client comes from, of IPv6 its network; `None` for this machine, and where there is none.

        What a client says of itself in `X-Forwarded-For` counts for nothing: only what our own proxies have added.
        """
        peer = connection.client.host if connection.client is not None else ""
        if self._trust_proxy:
            peer = self._forwarded(connection.headers.get("x-forwarded-for")) or peer
        return self._network(peer[:_LENGTH])

    def check_host(self, connection: HTTPConnection) -> None:
        """Let a request pass that calls the app by a name of its. Raises `CommandError`."""
        if not self._hosts and (not self.is_local or self._trust_proxy):
            return
        host = self.address(connection).host.rstrip(".")
        if not (any(_matches(host, pattern) for pattern in self._hosts) if self._hosts else is_loopback(host)):
            logger.warning("Refused a request for the host %r: name it in `server.allowed_hosts`", host[:200])
            raise CommandError(
                "invalid", "This server is not called by this name; `server.allowed_hosts` says by which."
            )

    def check(self, connection: HTTPConnection) -> None:
        """Let a page that may talk to the app pass. Raises `CommandError`."""
        origin = connection.headers.get("origin")
        if origin is None:
            if _is_of_another_page(connection):
                raise CommandError("unauthenticated", "This page may not talk to this server.")
            return
        address = self._address_in(origin)
        if address is None or (address != self.address(connection) and address not in self._allowed):
            if address is not None:  # one that can be named
                logger.warning(
                    "Refused the origin %r: name it in `server.allowed_origins`; "
                    "behind a proxy, set `server.trust_proxy`",
                    origin[:200],
                )
            raise CommandError("unauthenticated", "This page may not talk to this server.")

    def note_holder(self, connection: HTTPConnection) -> None:
        """Log who wants to show the app in a frame and may not: all that its browser shows is an empty frame."""
        headers = connection.headers
        holder = Address.parse(headers.get("referer", ""))
        if headers.get("sec-fetch-dest") not in ("iframe", "frame", "embed", "object") or holder is None:
            return
        if holder != self.address(connection) and holder not in self._allowed:
            logger.warning(
                "%r shows the app in a frame, which browsers refuse: name it in `server.allowed_origins`",
                holder.origin[:200],
            )

    def _address_in(self, url: str) -> Address | None:
        return self._parse(url) if len(url) <= _LENGTH else Address.parse(url)

    def _forwarded(self, value: str | None) -> str:
        """What the outermost of our proxies has said. Each adds to the end; what stands before is the client's."""
        said = [part.strip() for part in (value or "").split(",")]
        return said[-min(self._proxies, len(said))]


def is_loopback(host: str) -> bool:
    """Whether a name always means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _matches(host: str, pattern: str) -> bool:
    return pattern in ("*", host) or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _is_of_another_page(connection: HTTPConnection) -> bool:
    """Whether a browser says so, where it sends no origin: then for a link that somebody follows, and else not."""
    headers = connection.headers
    if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
        return False
    is_link = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")
    return not is_link or connection.scope.get("method") not in ("GET", "HEAD")


def _network(peer: str) -> str | None:
    text = peer.strip().partition("%")[0]
    bracketed, _, _ = text.removeprefix("[").partition("]")
    for one in (bracketed, text.rpartition(":")[0]):  # as proxies write it, with a port or without
        try:
            address = ipaddress.ip_address(one)
        except ValueError:
            continue
        if isinstance(address, ipaddress.IPv6Address):
            if address.ipv4_mapped is None:
                return None if address.is_loopback else str(ipaddress.ip_network((address, 64), strict=False))
            address = address.ipv4_mapped
        return None if address.is_loopback else str(address)
    return None
