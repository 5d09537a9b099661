"""The URL pattern: which addresses somebody may name."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ORIGIN", "PORTS", "UrlPattern"]

PORTS = {"http": 80, "https": 443}
"""Those that addresses need not say, by scheme."""
ORIGIN = re.compile(r"https?://[A-Za-z0-9._\-\[\]:]+")
"""An origin, as browsers write it."""

_PARTS = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\d{1,5}|\*))?(?P<path>/[^\s?#\\*]*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class UrlPattern:
    """A host, as `tools.example`, or the beginning of an address, as `https://tools.example/mcp`.

    `https` unless it says `http://`, on the port that this has by default unless it says another (`:*` is any).
    `*.tools.example` is every host below that one, `*` any host. With a path, only what is there or below.
    """

    scheme: str
    host: str
    port: int | None
    path: str

    @classmethod
    def parse(cls, text: str) -> UrlPattern:
        """Raises `ValueError`."""
        found = _PARTS.fullmatch(text)
        if found is None:
            raise ValueError(
                f"`{text}` is neither a host, as `tools.example`, nor an address, as `https://a.example/b`."
            )
        scheme = (found["scheme"] or "https").lower()
        port = None if found["port"] == "*" else int(found["port"] or PORTS[scheme])
        return cls(scheme, found["host"].lower().strip("[]"), port, (found["path"] or "").rstrip("/"))

    def matches(self, scheme: str, host: str, port: int | None, path: str) -> bool:
        """Whether an address is one of these. `port` is `None` where it says none; `path` has nothing encoded in it."""
        return (
            scheme == self.scheme
            and self._is_host(host.lower().strip("[]"))
            and self.port in (None, port or PORTS[scheme])
            and f"{path}/".startswith(f"{self.path}/")
        )

    def _is_host(self, host: str) -> bool:
        if self.host.startswith("*"):
            return host.endswith(self.host[1:])
        return host == self.host
