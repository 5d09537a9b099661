"""Visitors who become users, and users whom a proxy names, in a real Chromium."""

import re
from typing import Any

import pytest

from tests.browser.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ANSWER = """
@convo.on_message
async def answer(message: convo.Message):
    user = convo.user_session.get("user")
    await convo.Message(f"{user.identifier if user else 'nobody'} said: {message.content}").send()
"""
PASSWORD = f"""
import convo

@convo.password_auth_callback
def check(name: str, password: str) -> convo.User | None:
    return convo.User(name) if password == "open sesame" else None
{ANSWER}
"""
HEADER = f"""
import convo

@convo.header_auth_callback
def read(headers) -> convo.User | None:
    return convo.User(headers["x-forwarded-user"]) if "x-forwarded-user" in headers else None
{ANSWER}
"""
SETTINGS = {"AUTH__SECRET": "a secret that only this test knows, of some length", "DATA__URL": "sqlite:///history.db"}


async def test_a_visitor_who_logs_in_goes_on_where_he_was(serve: Any, context: Any, tmp_path: Any) -> None:
    server = await serve(app=PASSWORD, settings=SETTINGS | {"AUTH__ANONYMOUS": "true"})
    chat = Chat(await context.new_page())
    await chat.page.goto(server.url)
    await chat.say("first")
    await chat.sees("nobody said: first")
    await chat.page.wait_for_url(re.compile("/thread/"))
    address = chat.page.url
    beside = Chat(await context.new_page())
    await beside.page.goto(address)
    await beside.sees("nobody said: first")

    await chat.page.goto(f"{server.url}/login?next={address.removeprefix(server.url)}")
    await chat.page.get_by_label("User name or e-mail").fill("ada")
    await chat.page.get_by_label("Password", exact=True).fill("open sesame")
    await chat.page.get_by_role("button", name="Sign in", exact=True).click()
    await chat.sees("nobody said: first")
    await chat.say("second")
    await chat.sees("ada said: second")
    await chat.shot("visitor-logged-in")

    await beside.sees("ada said: second")
    await beside.say("third")
    await beside.sees("ada said: third")
    await chat.sees("ada said: third")

    await server.restart()
    await chat.page.goto(address)
    await chat.sees("ada said: third")
    assert await chat.answers() == ["nobody said: first", "ada said: second", "ada said: third"]
    assert chat.complaints == []


async def test_whom_a_proxy_names_is_in_and_somebody_else_sees_nothing_of_it(serve: Any, chromium: Any) -> None:
    server = await serve(app=HEADER, settings=SETTINGS)
    addresses = {}
    for name in ("ada", "bob"):
        context = await chromium.new_context(extra_http_headers={"X-Forwarded-User": name})
        chat = Chat(await context.new_page())
        await chat.page.goto(server.url)
        await chat.say(f"I am {name}")
        await chat.sees(f"{name} said: I am {name}")
        await chat.page.wait_for_url(re.compile("/thread/"))
        addresses[name] = chat.page.url
        await chat.page.goto(addresses["ada"])
        if name == "bob":
            await chat.sees_not("ada said")
            assert "I am ada" not in await chat.page.inner_text("body")
        await context.close()
