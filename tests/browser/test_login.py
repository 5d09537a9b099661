"""Signing in and out, in a real Chromium."""

import re
from typing import Any

import httpx
import pytest

from tests.browser.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

APP = """
import convo

@convo.password_auth_callback
def check(name: str, password: str) -> convo.User | None:
    if password != "open sesame":
        return None
    return convo.User(name, display_name=name.title())

@convo.on_message
async def answer(message: convo.Message):
    user = convo.user_session.get("user")
    await convo.Message(f"{user.display_name} said: {message.content}").send()
"""

SETTINGS = {"AUTH__SECRET": "a secret that only this test knows, of some length", "DATA__URL": "sqlite:///history.db"}


async def fill(page: Any, name: str = "ada lovelace", password: str = "open sesame") -> None:
    await page.get_by_label("User name or e-mail").fill(name)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def log_in(page: Any, url: str) -> Chat:
    await page.goto(url)
    await fill(page)
    chat = Chat(page)
    await chat.composer.wait_for()
    return chat


async def test_the_way_in_says_what_is_wrong_and_leads_back_to_where_one_was(serve: Any, context: Any) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    chat = await log_in(await context.new_page(), server.url)
    await chat.say("hello")
    await chat.sees("Ada Lovelace said: hello")
    await chat.page.wait_for_url(re.compile("/thread/"))
    address = chat.page.url

    await context.clear_cookies()
    await chat.page.goto(address)
    page = Chat(chat.page)
    await page.page.get_by_role("heading", name="Sign in to Assistant").wait_for()
    assert "hello" not in await page.page.inner_text("body")
    await page.portray("login")
    await fill(chat.page, password="wrong")
    await chat.page.get_by_role("alert").get_by_text("The name or the password is not right.").wait_for()
    await page.portray("login-wrong")
    assert await chat.page.get_by_label("Password", exact=True).get_attribute("autocomplete") == "current-password"
    await fill(chat.page)
    await chat.sees("Ada Lovelace said: hello")
    assert chat.page.url == address


async def test_out_in_one_tab_is_out_in_all(serve: Any, context: Any) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    chat = await log_in(await context.new_page(), server.url)
    other = Chat(await context.new_page())
    await other.page.goto(server.url)
    await other.say("a secret of mine")
    await other.sees("Ada Lovelace said: a secret of mine")

    await chat.page.get_by_role("button", name="Account of Ada Lovelace").click()
    await chat.page.get_by_role("menuitem", name="Sign out").wait_for()
    await chat.shot("account-menu")
    assert await chat.violations() == []
    await chat.page.get_by_role("menuitem", name="Sign out", exact=True).click()
    await chat.page.get_by_role("heading", name="Sign in to Assistant").wait_for()
    await other.sees("You were signed out.")
    assert "secret" not in await other.page.inner_text("body")

    await fill(other.page)
    await other.sees("Ada Lovelace said: a secret of mine")


ANSWER = """
import convo

@convo.on_message
async def answer(message):
    await convo.Message("hello").send()
"""
WAYS = {
    "password": (APP, {}),
    "elsewhere": (
        ANSWER
        + """
@convo.oauth_callback
def admit(provider_id, token, raw_user_data, default_user):
    return default_user
""",
        {
            "AUTH__OAUTH__TEST__ISSUER": "https://login.example",
            "AUTH__OAUTH__TEST__CLIENT_ID": "chat",
            "AUTH__OAUTH__TEST__CLIENT_SECRET": "not a secret",
        },
    ),
    "headers": (
        ANSWER
        + """
@convo.header_auth_callback
def read(headers):
    return convo.User(headers["x-user"]) if "x-user" in headers else None
""",
        {},
    ),
    "the app's own": (
        ANSWER
        + """
@convo.custom_auth
def read(request):
    return convo.User(request.cookies["mine"]) if "mine" in request.cookies else None
""",
        {},
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["/", "/login?next=/thread/x"])
async def test_the_login_page_stays_where_it_is(serve: Any, context: Any, way: str, path: str) -> None:
    """For a minute: whoever is sent there and cannot get in must not be sent round in circles."""
    app, settings = WAYS[way]
    server = await serve(app=app, settings=SETTINGS | settings)
    page = await context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    await page.goto(f"{server.url}{path}")
    await page.get_by_role("heading", name="Sign in to Assistant").wait_for()
    await page.wait_for_load_state("networkidle")
    loaded = len(requests)
    await page.clock.install()
    await page.clock.run_for(60_000)
    await page.wait_for_load_state("networkidle")
    assert requests[loaded:] == []
    assert page.url == f"{server.url}{path}"


async def test_a_link_to_the_way_in_leads_to_no_other_site(serve: Any, context: Any) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    page = await context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    for address in ("https://evil.example", "//evil.example", "/%09/evil.example", "/%5Cevil.example"):
        await context.clear_cookies()
        await page.goto(f"{server.url}/login?next={address}")
        await fill(page)
        await Chat(page).composer.wait_for()
        assert page.url == f"{server.url}/", address
    assert hosts == {server.url.removeprefix("http://")}


async def test_another_browser_is_signed_out_and_a_token_is_made(serve: Any, chromium: Any, context: Any) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    elsewhere = await chromium.new_context()
    away = await log_in(await elsewhere.new_page(), server.url)
    chat = await log_in(await context.new_page(), server.url)

    await chat.page.get_by_role("button", name="Account of Ada Lovelace").click()
    await chat.page.get_by_role("menuitem", name="Where you are signed in").click()
    await chat.page.get_by_text("This browser").wait_for()
    await chat.portray("account-devices")
    await chat.page.get_by_role("button", name=re.compile("^Sign out Chrome")).click()
    await away.sees("You were signed out.")
    await elsewhere.close()
    await chat.page.get_by_role("button", name="Close").click()

    await chat.page.get_by_role("button", name="Account of Ada Lovelace").click()
    await chat.page.get_by_role("menuitem", name="Tokens for programs").click()
    await chat.page.get_by_label("What it is for").fill("a script")
    await chat.page.get_by_role("button", name="Make a token").click()
    token = await chat.page.locator(".token-made code").inner_text()
    await chat.portray("account-tokens")
    headers = {"Authorization": f"Bearer {token}"}
    assert await begin_chat(server.url, headers) == 201
    await chat.page.get_by_role("button", name="End the token “a script”").click()
    await chat.page.get_by_text("You have made none.").wait_for()
    assert await begin_chat(server.url, headers) == 401


async def begin_chat(url: str, headers: dict[str, str]) -> int:
    """The status a program gets that begins a chat by the API."""
    async with httpx.AsyncClient(base_url=url, headers=headers) as program:
        return (await program.post("api/v1/threads")).status_code
