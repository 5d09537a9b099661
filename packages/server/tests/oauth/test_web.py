"""Where requests to providers may go, and where not."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest
from convo_server.oauth.refusal import Refusal
from convo_server.oauth.web import Web

from tests.harness.certificate import certify


async def refused(asking) -> str:
    with pytest.raises(Refusal) as caught:
        await asking
    return f"{caught.value.code}: {caught.value}"


PRIVATE = (
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "[::1]", "[fd00::1]", "[fe80::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "2130706433",
)  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
async def test_private_addresses_are_refused(host):
    assert "in a private network" in await refused(Web().get(f"https://{host}/"))


async def test_a_name_is_as_good_as_where_it_leads(monkeypatch):
    """Whoever owns a name may let it lead into our network: also with one address among good ones."""

    async def lead(self, host, port, **_):
        return [(0, 0, 0, "", (address, port)) for address in ("93.184.215.14", "10.0.0.7")]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lead)
    refusal = await refused(Web().get("https://provider.example/"))
    assert "10.0.0.7" in refusal
    assert "auth.allow_private_hosts" in refusal


@pytest.fixture
def names(monkeypatch) -> list[str]:
    """All names lead to this machine; which were looked up."""
    looked_up: list[str] = []

    async def lead(self, host, port, **_):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lead)
    return looked_up


async def test_what_was_checked_is_what_is_asked(names, idp):
    """The name is looked up once: a second answer, as of an attacker's name server, counts for nothing."""
    port = idp.url.rpartition(":")[2]

    answer = await Web(allow_private=True).get(f"http://provider.example:{port}/.well-known/openid-configuration")
    assert answer["issuer"] == idp.url
    assert len(names) == 1


async def test_whoever_answers_must_be_of_the_name(names, tmp_path, monkeypatch):
    """The address is what is connected to, and the name is what the certificate must be for."""
    certificate, key = certify(tmp_path, "provider.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)

    async def answer(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        body = b'"Host: provider.example"' if b"Host: provider.example" in request else b'""'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        web = Web(allow_private=True)
        assert await web.get(f"https://provider.example:{port}/") == "Host: provider.example"
        assert "CERTIFICATE_VERIFY_FAILED" in await refused(web.get(f"https://other.example:{port}/"))
        monkeypatch.delenv("SSL_CERT_FILE")
        assert "CERTIFICATE_VERIFY_FAILED" in await refused(
            Web(allow_private=True).get(f"https://provider.example:{port}/")
        )


async def test_this_machine_is_allowed_where_settings_name_it(idp):
    url = f"{idp.url}/.well-known/openid-configuration"

    assert (await Web(is_local=True).get(url))["issuer"] == idp.url
    assert (await Web(allow_private=True).get(url))["issuer"] == idp.url
    assert "in a private network" in await refused(Web().get(url))
    assert "in a private network" in await refused(Web(is_local=True).get("http://10.0.0.1/"))


async def test_redirects_are_not_followed(idp):
    assert await refused(Web(is_local=True).get(f"{idp.url}/elsewhere")) == (
        f"provider-invalid: {idp.url}/elsewhere answered 302."
    )
    assert idp.asked == {"/elsewhere": 1}


async def test_nothing_is_sent_without_encryption(monkeypatch):
    async def lead(self, host, port, **_):
        return [(0, 0, 0, "", ("93.184.215.14", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lead)
    assert "is not encrypted" in await refused(Web().get("http://provider.example/token"))


async def test_what_does_not_answer_or_answers_nonsense_is_told_apart(idp):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    web = Web(is_local=True)

    assert (await refused(web.get(nobody))).startswith("provider-down:")
    assert (await refused(web.get("https://no-such-host.invalid/"))).startswith("provider-down:")
    assert (await refused(web.get(f"{idp.url}/nothing-here"))).startswith("provider-invalid:")
    assert (await refused(web.get("https://"))).startswith("provider-down:")


async def test_a_proxy_leads_out_and_not_in(idp):
    """Our provider plays the proxy: it is asked for another host's address."""
    proxies = {"http": idp.url, "https": idp.url, "no": "inside.example"}
    url = "http://provider.example/.well-known/openid-configuration"

    assert (await Web(proxies=proxies, allow_private=True).get(url))["issuer"] == idp.url
    assert "is not encrypted" in await refused(Web(proxies=proxies).get(url))
    assert "in a private network" in await refused(Web(proxies=proxies).get("https://10.0.0.1/"))
    assert (await refused(Web(proxies=proxies).get("https://inside.example/"))).startswith("provider-down:")
    assert idp.asked == {"/.well-known/openid-configuration": 1}
