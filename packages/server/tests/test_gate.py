"""Who comes in at all, by the name they call the server and the address they come from; and what all answers carry."""

from __future__ import annotations

import asyncio

import aiohttp
import convo
import httpx
import pytest
from convo_server import create_app
from convo_server.headers import DEFAULTS

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
BEHIND = {"trust_proxy": True, "allowed_hosts": ["chat.example", "127.0.0.1"]}


async def test_a_page_of_another_host_cannot_let_its_name_lead_here(start, app, caplog):
    client = await (await start(app)).client()
    for host in ("evil.example", "evil.example:80", "localhost.evil.example", "10.0.0.1", "127.0.0.1.evil.example"):
        answer = await client.http.get("", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), host
        assert "set-cookie" not in answer.headers
    assert "name it in `server.allowed_hosts`" in caplog.text
    for host in ("localhost:8000", "app.localhost", "127.0.0.1", "[::1]:80", "LOCALHOST"):
        assert (await client.http.get("", headers={"Host": host})).status_code == 200, host
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(
                f"{client.url}ws/socket.io/?EIO=4&transport=websocket", headers={"Host": "evil.example"}
            )


async def test_the_names_of_an_app_are_those_that_are_set(start, app):
    client = await (await start(app, server={"allowed_hosts": ["chat.example", "*.shop.example"]})).client()
    for host, status in (
        ("chat.example", 200),
        ("chat.example:8443", 200),
        ("a.shop.example", 200),
        ("shop.example", 400),
        ("evilshop.example", 400),
        ("localhost", 400),
    ):
        assert (await client.http.get("", headers={"Host": host})).status_code == status, host
    assert (await client.http.get("health", headers={"Host": "10.0.0.7"})).json() == {"status": "ok"}


def test_a_host_is_written_without_scheme_and_port():
    for wrong in ("https://chat.example", "chat.example:80", "*example.com", ""):
        with pytest.raises(convo.ConfigError, match="is no host"):
            convo.App({"server": {"allowed_hosts": [wrong]}}).configure()


def test_an_origin_is_written_with_its_scheme_and_without_a_path():
    for wrong in ("shop.example", "https://shop.example/cart", "https://x.example;script-src *", "*", "null", ""):
        with pytest.raises(convo.ConfigError, match="is no origin"):
            convo.App({"server": {"allowed_origins": [wrong]}}).configure()


async def test_an_origin_may_be_written_as_it_stands_in_the_address_bar(start, app):
    written = ["https://Shop.example/", "https://news.example:443"]
    client = await (await start(app, server={"allowed_origins": written})).client()
    for origin in ("https://shop.example", "https://news.example"):
        answer = await client.http.get("api/v1/app", headers={"Origin": origin})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)


async def test_every_answer_says_that_it_is_no_document_unless_it_is_one(start, app):
    client = await (await start(app, server={"headless": True})).client()
    thread = (await client.post("api/v1/threads")).json()["thread"]
    file = (await client.http.post(f"api/v1/threads/{thread}/files?name=a.png", content=PNG)).json()
    for path in ("", "health", "nothing", "api/v1/app", "api/v1/threads", f"api/v1/threads/{thread}", "ws/socket.io/"):
        answer = await client.http.get(path)
        for name, value in DEFAULTS.items():
            assert answer.headers[name] == value, (path, name)
        assert "strict-transport-security" not in answer.headers
    shown = await client.http.get(file["url"])
    assert shown.headers["content-security-policy"].startswith("sandbox;")
    assert "frame-ancestors 'self'" in shown.headers["content-security-policy"]
    assert shown.headers["cross-origin-resource-policy"] == "same-origin"
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_a_browser_that_came_by_https_is_told_to_stay_there(app):
    async def hsts(headers: dict[str, str], **server: object) -> str | None:
        web = create_app(app, {"server": {"headless": True, "trust_proxy": True} | server})
        http = httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://test")
        async with web.router.lifespan_context(web), http:
            return (await http.get("/health", headers=headers)).headers.get("strict-transport-security")

    https = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.example"}
    assert await hsts(https) == "max-age=31536000"
    assert await hsts(https, hsts_seconds=0) is None
    assert await hsts(https | {"X-Forwarded-Proto": "http"}) is None
    assert await hsts(https | {"X-Forwarded-Host": "localhost"}) is None


async def test_a_page_that_hides_its_origin_is_known_by_what_its_browser_says(start, app):
    client = await (await start(app)).client()
    thread = (await client.post("api/v1/threads")).json()["thread"]
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
        for method, path in (("GET", f"api/v1/threads/{thread}"), ("POST", "api/v1/threads")):
            refused = await client.http.request(method, path, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated"), (site, method)
    assert (await client.http.post("api/v1/threads", headers=link)).status_code == 401  # a form of another page
    assert (await client.http.get(f"api/v1/threads/{thread}", headers=link)).status_code == 200
    for site in ("same-origin", "none"):
        assert (await client.http.post("api/v1/threads", headers={"Sec-Fetch-Site": site})).status_code == 201


async def test_an_address_asks_only_so_often_and_others_do_not_pay_for_it(start, app, caplog):
    server = await start(app, server=BEHIND, limits={"requests_per_second": 5})
    client = await server.client()
    forged = [
        await client.http.get("health", headers={"X-Forwarded-For": f"10.0.0.{count}, 203.0.113.7"})
        for count in range(30)
    ]
    refused = [answer for answer in forged if answer.status_code == 429]
    assert len(refused) >= 10  # whatever they say of themselves
    assert refused[0].json()["code"] == "rate-limited"
    assert int(refused[0].headers["retry-after"]) >= 1
    assert "203.0.113.7" in caplog.text
    other = await client.http.get("health", headers={"X-Forwarded-For": "203.0.113.7, 203.0.113.8"})
    assert other.status_code == 200
    network = [
        await client.http.get("health", headers={"X-Forwarded-For": f"2001:db8:1:2::{count:x}"}) for count in range(30)
    ]
    assert any(answer.status_code == 429 for answer in network)  # one house has 2⁶⁴ addresses


async def test_the_proxies_in_front_are_counted(start, app):
    server = await start(app, server=BEHIND | {"proxies": 2}, limits={"requests_per_second": 5})
    client = await server.client()
    for count in range(30):
        said = f"forged, 203.0.113.{count}:5{count:03}, 10.1.1.1"
        assert (await client.http.get("health", headers={"X-Forwarded-For": said})).status_code == 200


async def test_an_address_has_only_so_many_connections_open(start, app):
    server = await start(app, server=BEHIND, limits={"connections_per_address": 3})
    client = await server.client()
    here, there = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}
    tabs = [await client.socket().connect(headers=here) for _ in range(3)]
    assert (await client.http.get("health", headers=here)).status_code == 429
    assert (await client.http.get("health", headers=there)).status_code == 200
    await tabs[0].close()
    async with asyncio.timeout(5):
        while (await client.http.get("health", headers=here)).status_code != 200:
            await asyncio.sleep(0.01)


async def test_this_machine_is_not_counted(start, app):
    client = await (await start(app, limits={"requests_per_second": 1})).client()
    for _ in range(20):
        assert (await client.http.get("health")).status_code == 200
