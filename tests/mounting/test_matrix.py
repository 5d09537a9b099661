"""Wherever an app is put, all of it works there: by real processes, and through nginx where one stands before it."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import socketio

from tests.harness.identity_provider import IdentityProvider
from tests.mounting.arrangements import ARRANGEMENTS, running

PATIENCE = 30
SHOP = "https://shop.example"
MODULE = re.compile(r"""\bfrom\s*["'](\.[^"']+)["']|\bimport\s*["'](\.[^"']+)["']""")


@pytest.fixture(scope="module")
def idp() -> Iterator[IdentityProvider]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # it is on this machine
        idp = IdentityProvider()
        idp.start()
        yield idp
        idp.stop()


@pytest.fixture(scope="module", params=ARRANGEMENTS)
def url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, idp: IdentityProvider
) -> Iterator[str]:
    """Where browsers find the app, with a `/` at its end."""
    settings = {
        "DATA__URL": "memory",
        "AUTH__SECRET": "a secret of more than thirty-two characters",
        "AUTH__ANONYMOUS": "true",
        "AUTH__OAUTH__TEST__ISSUER": idp.url,
        "AUTH__OAUTH__TEST__CLIENT_ID": "convo-app",
        "AUTH__OAUTH__TEST__CLIENT_SECRET": "not a secret",
        "FEATURES__ALLOW_THREAD_SHARING": "true",
        "SERVER__ALLOWED_ORIGINS": json.dumps([SHOP]),
    }
    folder: Path = tmp_path_factory.mktemp("arrangement")
    with running(ARRANGEMENTS[request.param], folder, settings) as url:
        yield url
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    """A visitor's, who has opened the page."""
    with httpx.Client(base_url=url, timeout=PATIENCE, headers={"Origin": origin(url)}) as browser:
        assert browser.get("").status_code == 200
        yield browser


def origin(url: str) -> str:
    return url.removesuffix(urlsplit(url).path)


def begin(browser: httpx.Client, content: str) -> str:
    """A new thread, in which `content` was said and answered."""
    thread: str = browser.post("api/v1/threads").json()["thread"]
    with browser.stream("GET", f"api/v1/threads/{thread}/events") as events:
        lines = events.iter_lines()
        assert next(lines) == "event: hello"
        command = {"kind": "message", "id": "1", "content": content}
        assert browser.post(f"api/v1/threads/{thread}/commands", json=command).json()["ok"]
        next(line for line in lines if '"run-ended"' in line)
    return thread


def test_the_page_finds_its_assets(url: str, browser: httpx.Client) -> None:
    page = browser.get("thread/some").text
    base = re.search(r'<base href="([^"]+)"', page)
    assert base is not None
    assert urljoin(url, base[1]) == url
    assets = [urljoin(url, found) for found in re.findall(r'(?:src|href)="([^"]*assets/[^"]+)"', page)]
    assert assets
    for asset in assets:
        assert asset.startswith(f"{url}assets/")
        answer = browser.get(asset)
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff"), asset
        assert answer.headers["content-type"].split(";")[0] in ("text/javascript", "text/css", "image/svg+xml"), asset


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_socket_chats(url: str, browser: httpx.Client, transport: str) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    io, ended = socketio.AsyncClient(reconnection=False), asyncio.Event()
    said = ""

    @io.on("batch")
    async def batch(data: dict[str, object]) -> None:
        nonlocal said
        said += json.dumps(data)
        if '"run-ended"' in said:
            ended.set()

    await io.connect(
        url,
        headers={"Cookie": cookie, "Origin": origin(url)},
        auth={"protocol": 1},
        socketio_path=f"{urlsplit(url).path}ws/socket.io",
        transports=[transport],
        wait_timeout=PATIENCE,
    )
    try:
        assert io.transport() == transport
        answer = await io.call("command", {"id": "1", "kind": "message", "content": "hello"}, timeout=PATIENCE)
        assert answer["ok"], answer
        await asyncio.wait_for(ended.wait(), PATIENCE)
        assert "hello " in said
    finally:
        await io.disconnect()


def test_the_api_streams(url: str, browser: httpx.Client) -> None:
    thread = begin(browser, "good morning")
    assert '"output":"good morning "' in browser.get(f"api/v1/threads/{thread}").text
    [server] = browser.get("api/v1/openapi.json").json()["servers"]
    assert urljoin(url, server["url"]).rstrip("/") == url.rstrip("/")
    foreign = browser.post("api/v1/threads", headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (401, "unauthenticated")
    assert browser.get("api/v1/nothing").json()["code"] == "not-found"


def test_files_come_and_go(browser: httpx.Client) -> None:
    thread, content = begin(browser, "hello"), os.urandom(3_000_000)
    path = f"api/v1/threads/{thread}/files"
    info = browser.post(path, params={"name": "a.bin"}, content=content).json()
    assert browser.get(info["url"]).content == content
    part = browser.get(f"{path}/{info['id']}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, content[10:20])


def test_cookies_are_the_app_s_alone(url: str) -> None:
    path = urlsplit(url).path.rstrip("/")
    cookies = SimpleCookie(httpx.get(url).headers["set-cookie"])
    [(name, cookie)] = cookies.items()
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (path or "/", True, "lax")
    assert name == f"convo-{urlsplit(url).port}{path.replace('/', '-')}"


def test_a_log_in_elsewhere_comes_back(url: str, browser: httpx.Client, idp: IdentityProvider) -> None:
    del browser.headers["Origin"]
    page = browser.get("auth/oauth/test?next=/thread/7", follow_redirects=True)
    assert str(page.url) == f"{url}thread/7"
    assert idp.sent[-1]["redirect_uri"] == f"{url}auth/oauth/test/callback"
    assert browser.get("api/v1/auth").json()["principal"]["identifier"] == "jane@example.com"


def test_a_link_to_a_chat_shows_it_to_others(url: str, browser: httpx.Client) -> None:
    thread = begin(browser, "for all to see")
    share = browser.post(f"api/v1/threads/{thread}/shares", json={"kind": "live"}).json()["id"]
    with httpx.Client(base_url=url, timeout=PATIENCE) as other:
        page = other.get(f"share/{share}")
        assert (page.status_code, page.headers["x-robots-tag"]) == (200, "noindex, nofollow")
        assert "for all to see" in other.get(f"api/v1/shares/{share}").text
        assert other.get(f"api/v1/threads/{thread}").status_code == 404


def test_a_page_elsewhere_loads_the_widget(url: str) -> None:
    with httpx.Client(base_url=url, timeout=PATIENCE, headers={"Origin": SHOP}) as shop:
        script = shop.get("copilot/index.js")
        assert (script.status_code, script.headers["content-type"].split(";")[0]) == (200, "text/javascript")
        config = shop.get("copilot/config")
        assert (config.status_code, config.json()["root"]) == (200, url.rstrip("/"))
        assert config.headers["access-control-allow-credentials"] == "true"
        chat = shop.get("copilot/0/copilot/chat.js")
        modules = [urljoin(str(chat.url), one or other) for one, other in MODULE.findall(chat.text)]
        assert modules
        for answer in (script, config, chat, *map(shop.get, modules)):
            assert answer.status_code == 200, answer.url
            assert str(answer.url).startswith(f"{url}copilot/")
            assert answer.headers.get_list("access-control-allow-origin") in ([SHOP], ["*"]), answer.url
    foreign = httpx.get(f"{url}copilot/config", headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (401, "unauthenticated")
    assert "access-control-allow-origin" not in foreign.headers


def test_around_the_app_is_what_was_there(url: str, request: pytest.FixtureRequest) -> None:
    arrangement = ARRANGEMENTS[request.node.callspec.params["url"]]
    if arrangement.is_mounted:
        around = url.removesuffix("chat/")
        assert httpx.get(around).json() == "the site"
        assert httpx.get(f"{around}nothing").json() == {"detail": "Not Found"}
    elif arrangement.has_proxy:
        assert httpx.get(f"{origin(url)}/").headers["server"].startswith("nginx")
        assert httpx.get(f"{origin(url)}/chatter").status_code == 404
