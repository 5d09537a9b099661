"""Egress: the way out of this machine, by addresses that are looked up, checked, and then the ones connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from convo.errors import EgressError
from convo.url_pattern import PORTS

__all__ = ["Egress", "IPAddress"]

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Egress:
    """Where requests may go: to public addresses, encrypted.

    With `is_local`, to this machine's own too, in either way; with `allow_private`, anywhere in either way; with
    `allow_plain`, to public ones without encryption. `setting` is the one that lets requests into a private network:
    errors name it.

    Whoever asks connects to an address that `resolve` returned, and to nothing else. A name may lead elsewhere a moment
    later, so it is not looked up again.
    """

    def __init__(
        self, *, is_local: bool = False, allow_private: bool = False, allow_plain: bool = False, setting: str
    ) -> None:
        self._is_local = is_local
        self._allow_private = allow_private
        self._allow_plain = allow_plain or allow_private
        self._setting = setting

    async def resolve(self, scheme: str, host: str, port: int | None = None) -> list[IPAddress]:
        """Where a name leads, all of it allowed. Raises `EgressError`, and `OSError` for a name that is not known."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port or PORTS.get(scheme), type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
        for address in addresses:
            self.check(scheme, host, address)
        return addresses

    def check(self, scheme: str, host: str, address: IPAddress | None = None) -> None:
        """Let a request go to `address`; `None`: it is for a proxy to look up. Raises `EgressError`."""
        if self._allow_private or (self._is_local and address is not None and address.is_loopback):
            return
        if address is not None and not _is_public(address):
            raise EgressError(
                "private",
                f"`{host}` is at {address}, in a private network: if it is meant to be there, set `{self._setting}`.",
            )
        if scheme != "https" and not self._allow_plain:
            raise EgressError("plain", f"`{host}` is not encrypted: only https is asked.")


def _is_public(address: IPAddress) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return _is_public(inner)
        if address in _NAT64:
            return _is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast
