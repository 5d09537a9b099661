"""Hosts: which addresses may be called."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

__all__ = ["is_at"]


def is_at(url: object, hosts: Sequence[str]) -> bool:
    """Whether `url` is one of `https` at one of `hosts`: names, or `*.name` for all below one; `name:port` for a port.

    An address with a user in it, or with an unusual port, is at none.
    """
    if not isinstance(url, str) or any(character.isspace() or character == "\\" for character in url):
        return False
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        return False
    name = host if port in (None, 443) else f"{host}:{port}"
    return any(name == one or (one.startswith("*.") and name.endswith(one[1:])) for one in map(str.lower, hosts))
