"""The network: the port that the app listens on, and who stands in front of it."""

from __future__ import annotations

import errno
import os
import socket
import urllib.request
from collections.abc import Iterator
from ipaddress import ip_address

from convo import Config, ConfigError
from convo.config import Server
from convo_server.tls import Certificate

from convo_cli.doctor.finding import Finding, broken, fine, warning

__all__ = ["check_network"]

_SECONDS = 2.0


def check_network(config: Config) -> Iterator[Finding]:
    """Whether the port is free, the certificate right, and what is said of proxies makes sense."""
    yield _port(config.server)
    yield from _certificate(config.server)
    yield from _proxy(config.server)


def _port(server: Server) -> Finding:
    where = f"{server.host}:{server.port}"
    if server.port == 0:
        return fine("port", "A free one is taken.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            server.host or None, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":  # as servers do it: what ended a moment ago is no hindrance
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return _taken(server, where, error)
    return fine("port", f"{where} is free.")


def _taken(server: Server, where: str, error: OSError) -> Finding:
    if error.errno == errno.EADDRINUSE:
        if _is_ours(server):
            return warning(
                "port",
                f"{where} is in use, by what answers as convo does.",
                "Stop it before you start another.",
            )
        return broken("port", f"{where} is in use.", "Stop what listens there, or choose another: `[server] port`.")
    if error.errno == errno.EACCES:
        return broken("port", f"{where} needs more rights than this user has.", "Choose one above 1023.")
    return broken("port", f"This machine cannot listen on {where}: {error.strerror}.", "Mend `[server] host`.")


def _is_ours(server: Server) -> bool:
    if server.ssl_cert is not None:
        return False
    host = "127.0.0.1" if server.host in ("", "0.0.0.0", "::") else server.host  # noqa: S104 - it is read, not bound
    url = f"http://{f'[{host}]' if ':' in host else host}:{server.port}{server.root_path}/health"
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=_SECONDS) as answer:
            return b'"status"' in answer.read(1000)
    except (OSError, ValueError):
        return False


def _certificate(server: Server) -> Iterator[Finding]:
    try:
        found = Certificate.of(server)
    except ConfigError as error:
        yield broken("https", str(error), "Mend `[server] ssl_cert` and `ssl_key`.")
        return
    if found is not None:
        yield fine("https", f"The certificate {server.ssl_cert} and its key fit.")


def _proxy(server: Server) -> Iterator[Finding]:
    names = ", ".join(f"`{host}`" for host in server.allowed_hosts)
    if server.proxies > 1 and not server.trust_proxy:
        yield warning(
            "proxy",
            f"`[server] proxies` is {server.proxies}, but their headers are not believed.",
            "Set `trust_proxy = true`, or leave `proxies` out.",
        )
    if server.trust_proxy and not server.allowed_hosts:
        yield warning(
            "proxy",
            "What a proxy says is believed, and the app answers to every name.",
            'Name it: `allowed_hosts = ["chat.example.com"]` under `[server]`; only the proxy may reach the app.',
        )
    elif server.trust_proxy:
        yield fine("proxy", f"What it says is believed, and the app is called by {names}.")
    elif _is_local(server.host):
        yield fine("proxy", "No proxy is believed. Only this machine reaches the app.")
    elif not server.allowed_hosts:
        yield warning(
            "proxy",
            f"The network reaches the app on {server.host}, by every name.",
            'Set `allowed_hosts = ["chat.example.com"]` under `[server]`; behind a proxy `trust_proxy = true`, too.',
        )
    else:
        yield fine("proxy", f"No proxy is believed. The app is called by {names}.")


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
