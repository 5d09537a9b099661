"""Users sign in at a server: real servers, a real authorization server, and browsers that follow redirects."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import convo
import httpx
import pytest
from convo.egress import Egress
from convo.protocol import McpAdd, McpConnect, McpDisconnect, McpServer, new_id
from convo_client import Client, Thread
from convo_mcp import grant
from convo_mcp.address import is_safe
from convo_server import create_app
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyUrl

from tests.harness import listening
from tests.harness.server import free_port
from tests.harness.tool_issuer import PAST, Issuer, issuing

from .conftest import answering

pytestmark = pytest.mark.timeout(60)


class User:
    """A browser with its cookie, and the chats of its user."""

    def __init__(self, url: str, stack: AsyncExitStack, cookies: httpx.Cookies | None = None) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, timeout=30, cookies=cookies)
        self._stack = stack

    async def visit(self) -> User:
        await self._stack.enter_async_context(self.http)
        await self.http.get("/")
        [value] = self.http.cookies.values()
        self._client = await self._stack.enter_async_context(Client(self.url, token=f"visitor_{value}"))
        return self

    async def chat(self, thread: str | None = None) -> Thread:
        """A new one, or one there is."""
        chat = await self._client.new_thread() if thread is None else self._client.thread(thread)
        return await self._stack.enter_async_context(chat)

    async def go(self, thread: Thread, name: str = "weather") -> httpx.Response:
        """Follow the link of the dialog, as far as it leads away."""
        return await self.http.get(f"/mcp/{name}/sign-in", params={"thread": thread.id})

    async def sign_in(self, thread: Thread, name: str = "weather") -> httpx.Response:
        """The same, all the way there and back."""
        return await self.http.get(f"/mcp/{name}/sign-in", params={"thread": thread.id}, follow_redirects=True)


class World:
    """An App whose one server, or that which its users bring, wants them to sign in."""

    def __init__(self, issuer: Issuer, url: str, stack: AsyncExitStack, **sections: Any) -> None:
        self._sections = sections
        self.issuer = issuer
        self.url = url
        self._stack = stack
        self._served = ""

    async def serve(self, **settings: Any) -> World:
        return await self._serve({"servers": {"weather": {"url": self.url, "approval": "allow", **settings}}})

    async def serve_own(self, **settings: Any) -> World:
        own = {"allow": ["http://127.0.0.1:*"], "allow_private_hosts": True, "approval": "allow", **settings}
        return await self._serve({"own": own})

    async def _serve(self, mcp: dict[str, Any]) -> World:
        config = listening.settings(mcp=mcp, debug=True, **self._sections)
        app = create_app(answering(convo.App()), config)
        server = await self._stack.enter_async_context(listening.listening(app, config))
        self._served = server.url.rstrip("/")
        return self

    async def user(self, cookies: httpx.Cookies | None = None) -> User:
        return await User(self._served, self._stack, cookies).visit()


@pytest.fixture(params=["http"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with issuing(request.param) as (issuer, url), AsyncExitStack() as stack:
        yield World(issuer, url, stack)


def shown(thread: Thread, name: str = "weather") -> McpServer:
    return (thread.state.fields.get("mcp") or {}).get(name) or McpServer()


async def connect(thread: Thread, *states: str) -> McpServer:
    await thread.command(McpConnect(id=new_id(), name="weather"))
    return await until(thread, *states)


async def until(thread: Thread, *states: str, name: str = "weather") -> McpServer:
    await thread.until(lambda: shown(thread, name).state in states)
    return shown(thread, name)


async def bring(thread: Thread, url: str, transport: Literal["http", "sse"] = "http") -> str:
    """The name that a user's own server goes by, once it wants him to sign in."""
    answer = await thread.command(McpAdd(id=new_id(), url=url, transport=transport))
    name = str(answer.data["name"])
    await until(thread, "needs-sign-in", "failed", name=name)
    return name


async def forecast(thread: Thread) -> str:
    reply = await (await thread.send("forecast Kiel")).wait()
    return reply.text


@pytest.mark.parametrize("world", ["http", "sse"], indirect=True)
async def test_a_user_signs_in_and_the_chat_is_connected(
    world: World, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await world.serve(transport=request.node.callspec.params["world"])
    user = await world.user()
    chat = await user.chat()
    server = await connect(chat, "needs-sign-in", "failed")
    assert (server.state, server.reason) == ("needs-sign-in", None)
    assert not world.issuer.clients

    left = await user.go(chat)
    assert left.status_code == 303
    asked = parse_qs(urlsplit(left.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert (left.headers["cache-control"], left.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert shown(chat).state == "needs-sign-in"

    back = await user.sign_in(chat)
    assert str(back.url) == f"{user.url}/thread/{chat.id}"
    assert (await until(chat, "connected")).tools[0].name == "forecast"
    assert await forecast(chat) == "Rain in Kiel."

    other = await user.chat()
    assert (await connect(other, "connected", "needs-sign-in")).state == "connected"
    assert world.issuer.secrets
    for secret in world.issuer.secrets:
        assert secret not in caplog.text
        assert secret not in repr(chat.state.view())


async def test_only_who_began_comes_back_and_once(world: World) -> None:
    await world.serve()
    user, stranger = await world.user(), await world.user()
    chat = await user.chat()
    await connect(chat, "needs-sign-in")
    assert (await stranger.go(chat)).status_code == 404
    assert (await user.http.get("/mcp/other/sign-in", params={"thread": chat.id})).status_code == 404

    left = await user.go(chat)
    back = httpx.URL((await user.http.get(left.headers["location"])).headers["location"])
    path = back.raw_path.decode()
    for guess in ("", "x" * 43):
        wrong = back.copy_set_param("state", guess).raw_path.decode()
        assert (await user.http.get(wrong)).status_code == 404
    assert (await user.http.get(f"{path}&state=twice")).status_code == 404
    assert (await stranger.http.get(path)).status_code == 404
    async with httpx.AsyncClient(base_url=user.url) as nobody:
        assert (await nobody.get(path)).status_code == 401
    assert shown(chat).state == "needs-sign-in"

    assert (await user.http.get(path)).status_code == 303
    await until(chat, "connected")
    assert (await user.http.get(path)).status_code == 404
    assert (await user.go(chat)).status_code == 409
    assert (await connect(await stranger.chat(), "connected", "needs-sign-in")).state == "needs-sign-in"


async def test_a_token_that_is_over_is_refreshed_for_all_chats(world: World) -> None:
    await world.serve()
    world.issuer.seconds = PAST
    user = await world.user()
    chats = [await user.chat(), await user.chat()]
    await connect(chats[0], "needs-sign-in")
    await user.sign_in(chats[0])
    await until(chats[0], "connected")
    await connect(chats[1], "connected", "needs-sign-in")

    before = world.issuer.refreshed
    assert before > 0
    assert await asyncio.gather(*map(forecast, chats)) == ["Rain in Kiel."] * 2
    assert world.issuer.refreshed > before


async def test_who_is_signed_out_there_signs_in_again(world: World) -> None:
    await world.serve()
    user = await world.user()
    chat = await user.chat()
    await connect(chat, "needs-sign-in")
    await user.sign_in(chat)
    await until(chat, "connected")

    world.issuer.forget()
    await (await chat.send("forecast Kiel")).wait()
    server = await until(chat, "needs-sign-in")
    assert server.reason == "signed-out"
    await user.sign_in(chat)
    await until(chat, "connected")
    assert await forecast(chat) == "Rain in Kiel."


async def test_a_no_is_shown_and_may_be_thought_over(world: World) -> None:
    await world.serve()
    world.issuer.denies = True
    user = await world.user()
    chat = await user.chat()
    await connect(chat, "needs-sign-in")
    assert (await user.sign_in(chat)).url.path == f"/thread/{chat.id}"
    await chat.until(lambda: shown(chat).reason is not None)
    assert (shown(chat).state, shown(chat).reason) == ("needs-sign-in", "denied")

    world.issuer.denies = False
    await user.sign_in(chat)
    await until(chat, "connected")


async def test_who_leaves_a_server_is_not_signed_in_there_any_more(world: World) -> None:
    await world.serve()
    user = await world.user()
    chat = await user.chat()
    await connect(chat, "needs-sign-in")
    left = await user.go(chat)
    back = (await user.http.get(left.headers["location"])).headers["location"]
    await chat.command(McpDisconnect(id=new_id(), name="weather"))
    await until(chat, "off")
    assert (await user.http.get(back)).status_code == 404  # what was going on is over

    await connect(chat, "needs-sign-in")
    await user.sign_in(chat)
    await until(chat, "connected")
    await chat.command(McpDisconnect(id=new_id(), name="weather"))
    await until(chat, "off")
    assert (await connect(chat, "connected", "needs-sign-in")).state == "needs-sign-in"


async def test_a_client_that_is_known_there_need_not_register(world: World) -> None:
    await world.serve(oauth={"client_id": "known", "client_secret": "s3cret", "scope": "read write"})
    user = await world.user()
    world.issuer.clients["known"] = OAuthClientInformationFull(
        client_id="known",
        client_secret="s3cret",
        redirect_uris=[AnyUrl(f"{user.url}/mcp/callback")],
        scope="read write",
        token_endpoint_auth_method="client_secret_post",
    )
    chat = await user.chat()
    await connect(chat, "needs-sign-in")
    await user.sign_in(chat)
    await until(chat, "connected")

    assert list(world.issuer.clients) == ["known"]
    assert world.issuer.scopes == [["read", "write"]]


async def test_a_chat_that_goes_on_after_a_restart_asks_to_sign_in_again(tmp_path: Path) -> None:
    """It is connected again by itself, as far as the app can: what was granted was in its memory alone."""
    kept: Any = {"data": {"url": f"sqlite:///{tmp_path}/history.db"}, "server": {"port": free_port()}}
    async with issuing() as (issuer, url):
        async with AsyncExitStack() as stack:
            world = await World(issuer, url, stack, **kept).serve()
            user = await world.user()
            chat = await user.chat()
            await connect(chat, "needs-sign-in")
            await user.sign_in(chat)
            await until(chat, "connected")
            assert await forecast(chat) == "Rain in Kiel."
        async with AsyncExitStack() as stack:
            world = await World(issuer, url, stack, **kept).serve()
            again = await world.user(user.http.cookies)
            chat = await again.chat(chat.id)
            assert (await until(chat, "needs-sign-in")).reason is None
            await again.sign_in(chat)
            await until(chat, "connected")
            assert await forecast(chat) == "Rain in Kiel."


@pytest.mark.parametrize("world", ["http", "sse"], indirect=True)
async def test_a_user_signs_in_at_a_server_of_his_own(world: World, request: pytest.FixtureRequest) -> None:
    await world.serve_own()
    user, stranger = await world.user(), await world.user()
    chat = await user.chat()
    name = await bring(chat, world.url, request.node.callspec.params["world"])
    assert shown(chat, name).state == "needs-sign-in", shown(chat, name)
    assert (await stranger.go(chat, name)).status_code == 404

    await user.sign_in(chat, name)
    server = await until(chat, "connected", name=name)
    assert server.own
    assert await forecast(chat) == "Rain in Kiel."

    # what he granted is for this address: by the same name another server gets nothing of it
    async with issuing() as (other, url):
        again = await user.chat()
        assert await bring(again, url) == name
        assert shown(again, name).state == "needs-sign-in"
        assert not other.clients


async def test_what_a_server_names_to_sign_in_at_passes_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server itself may be of this machine here, so that it can be reached; where it sends the app to may not."""
    monkeypatch.setattr("convo_mcp.own.Egress", partial(Egress, is_local=True))
    async with issuing(named="https://10.0.0.7") as (issuer, url), AsyncExitStack() as stack:
        world = await World(issuer, url, stack).serve_own(allow_private_hosts=False)
        user = await world.user()
        chat = await user.chat()
        name = await bring(chat, url)
        assert shown(chat, name).state == "needs-sign-in", shown(chat, name)
        back = await user.go(chat, name)
        assert back.headers["location"] == f"{user.url}/thread/{chat.id}"
        server = await until(chat, "failed", name=name)
        assert server.reason == "not-allowed"
        assert "`10.0.0.7` is at 10.0.0.7, in a private network" in (server.detail or "")


def test_what_was_granted_stays_for_the_next_chat_but_not_of_all_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grant, "MOST_HELD", 2)
    grants, chats = grant.Grants(), [object() for _ in range(3)]
    held = [grants.join(f"user {number}", "weather", chat) for number, chat in enumerate(chats)]
    for one in held:
        one.tokens = OAuthToken(access_token="a")
    for one, chat in zip(held, chats, strict=True):
        grants.leave(one, chat)
    again = [grants.join(f"user {number}", "weather", object()) for number in range(3)]
    assert [one.tokens is not None for one in again] == [False, True, True]


@pytest.mark.parametrize(
    ("url", "is_opened"),
    [
        ("https://a.example/authorize?x=1", True),
        ("http://127.0.0.1:8000/authorize", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://a.example/", False),
        ("http://127.0.0.1.a.example/", False),
        ("https://user:password@a.example/", False),
        ("javascript:alert(1)", False),
        ("//a.example/", False),
        ("https://a.example/\r\nX: y", False),
        ("https://[", False),
    ],
)
def test_an_address_of_a_servers_is_opened_if_it_is_safe(url: str, is_opened: bool) -> None:
    assert is_safe(url) is is_opened
