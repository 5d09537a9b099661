"""Where requests may go, and which addresses somebody may name."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest
from convo.egress import Egress
from convo.errors import EgressError
from convo.url_pattern import UrlPattern

SETTING = "somewhere.allow_private_hosts"


async def reason(egress: Egress, scheme: str, host: str) -> str | None:
    """Why a request may not go there, which the error says in words; `None`: it may."""
    try:
        await egress.resolve(scheme, host)
    except EgressError as error:
        raised = error
    else:
        return None
    assert host in str(raised)
    assert raised.reason == "plain" or SETTING in str(raised)
    return raised.reason


PRIVATE = (
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fd00::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2130706433", "0x7f.1",
)  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_private_address_is_for_who_says_so(host: str) -> None:
    assert await reason(Egress(setting=SETTING), "https", host) == "private"
    assert await reason(Egress(setting=SETTING, allow_plain=True), "http", host) == "private"
    assert await reason(Egress(setting=SETTING, allow_private=True), "http", host) is None


@pytest.mark.parametrize("host", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
async def test_a_public_address_is_for_all_who_encrypt(host: str) -> None:
    assert await reason(Egress(setting=SETTING), "https", host) is None
    assert await reason(Egress(setting=SETTING), "http", host) == "plain"
    assert await reason(Egress(setting=SETTING, is_local=True), "http", host) == "plain"
    assert await reason(Egress(setting=SETTING, allow_plain=True), "http", host) is None


async def test_this_machine_is_not_the_network_around_it() -> None:
    egress = Egress(setting=SETTING, is_local=True)
    assert await reason(egress, "http", "127.0.0.1") is None
    assert await reason(egress, "http", "::1") is None
    assert await reason(egress, "http", "10.0.0.1") == "private"


async def test_a_name_is_as_good_as_all_it_leads_to(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ["93.184.215.14", "10.0.0.7"]

    async def lead(self: object, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (address, port)) for address in found]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lead)
    assert await reason(Egress(setting=SETTING), "https", "tools.example") == "private"
    found.pop()
    addresses = await Egress(setting=SETTING).resolve("https", "tools.example")
    assert addresses == [ipaddress.ip_address("93.184.215.14")]


@pytest.mark.parametrize(
    ("pattern", "address", "is_one"),
    [
        ("tools.example", ("https", "tools.example", None, "/mcp"), True),
        ("Tools.Example", ("https", "TOOLS.example", 443, "/"), True),
        ("tools.example", ("http", "tools.example", None, "/"), False),
        ("tools.example", ("https", "tools.example", 8443, "/"), False),
        ("tools.example:8443", ("https", "tools.example", 8443, "/"), True),
        ("tools.example:*", ("https", "tools.example", 1, "/"), True),
        ("http://tools.example", ("http", "tools.example", 80, "/"), True),
        ("*.tools.example", ("https", "a.b.tools.example", None, "/"), True),
        ("*.tools.example", ("https", "tools.example", None, "/"), False),
        ("*.tools.example", ("https", "eviltools.example", None, "/"), False),
        ("*", ("https", "anything.example", None, "/"), True),
        ("https://tools.example/mcp", ("https", "tools.example", None, "/mcp"), True),
        ("https://tools.example/mcp/", ("https", "tools.example", None, "/mcp/a"), True),
        ("https://tools.example/mcp", ("https", "tools.example", None, "/mcpa"), False),
        ("http://[::1]:8000", ("http", "::1", 8000, "/"), True),
    ],
)
def test_a_pattern_says_which_addresses_it_means(
    pattern: str, address: tuple[str, str, int | None, str], is_one: bool
) -> None:
    assert UrlPattern.parse(pattern).matches(*address) is is_one


@pytest.mark.parametrize(
    "text", ["", "ftp://a.example", "https://", "*a.example", "a.*", "a b", "https://a/*", "a:b", "a/b?c"]
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither a host"):
        UrlPattern.parse(text)
