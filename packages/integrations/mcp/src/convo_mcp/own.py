"""Own servers: those that a user connects by an address, as far as the settings allow it."""

from __future__ import annotations

import re
from urllib.parse import unquote

import httpx2
from convo.config import OwnServers
from convo.egress import Egress
from convo.protocol import CommandError, Json

from convo_mcp.kept import Added
from convo_mcp.settings import ServerSettings
from convo_mcp.target import Target

__all__ = ["check_address", "name_for", "target_for"]

LONGEST = 2048


def check_address(url: str, settings: OwnServers) -> str:
    """The address a user has entered, in the one way of writing it that is then used. Raises `CommandError`."""
    if not settings.allow:
        raise CommandError("unsupported", "This app lets nobody add tool servers.", key="noMcpServers")
    address = _read(url)
    if address is None:
        raise CommandError(
            "invalid",
            "This is no address of a server. Write one like https://tools.example/mcp, without a user name.",
            key="mcpAddress",
        )
    if not _is_allowed(address, settings):
        allowed: list[Json] = list(settings.allow)
        raise CommandError(
            "invalid",
            f"This app does not connect to that address. It allows: {', '.join(allowed)}.",
            key="mcpNotAllowed",
            details={"allowed": allowed},
        )
    return str(address)


def target_for(added: Added, settings: OwnServers) -> Target | None:
    """What such a server is connected as; `None`: the settings do not allow it any more."""
    address = _read(added.url)
    if address is None or not _is_allowed(address, settings):
        return None
    egress = Egress(
        allow_private=settings.allow_private_hosts,
        allow_plain=address.scheme == "http",
        setting="mcp.own.allow_private_hosts",
    )
    plain = str(address.copy_with(query=None))
    server = ServerSettings(url=plain, transport=added.transport, approval=settings.approval)  # type: ignore[call-arg]  # pydantic fills the defaults
    return Target(f"own:{added.url}", server, egress, address.query)


def name_for(url: str, taken: set[str]) -> str:
    """What a server goes by in its chat: the host, with a number if that is taken."""
    host = httpx2.URL(url).raw_host.decode("ascii")
    return next(name for number in range(1, len(taken) + 2) if (name := _numbered(host, number)) not in taken)


def _numbered(host: str, number: int) -> str:
    return host if number == 1 else f"{host} ({number})"


def _read(text: str) -> httpx2.URL | None:
    """An address that can be asked, as the client that asks it understands it."""
    if len(text) > LONGEST or re.search(r"[\s<>\\^`{|}\"\x00-\x1f\x7f]", text):
        return None
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        return None
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.fragment:
        return None
    if url.port is not None and not 0 < url.port < 65536:
        return None
    steps = unquote(url.path).split("/")
    return None if ".." in steps or "." in steps else url


def _is_allowed(url: httpx2.URL, settings: OwnServers) -> bool:
    host = url.raw_host.decode("ascii")
    return any(one.matches(url.scheme, host, url.port, url.path) for one in settings.patterns)
