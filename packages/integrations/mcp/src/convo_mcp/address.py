"""Addresses that servers name: which of them are asked, or shown to a browser."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

__all__ = ["is_safe"]

_LONGEST = 8192


def is_safe(url: str) -> bool:
    """Whether it is `https`, or of this machine."""
    if len(url) > _LONGEST or re.search(r"[\s<>\\\x00-\x1f]", url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
