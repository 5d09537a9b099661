"""Who reads in the widget: signed in or not, in which language."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from tests.browser.copilot.conftest import Begin

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def signed(secret: str, name: str) -> str:
    """A JWT as any library makes it."""

    def encode(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": name, "exp": time.time() + 60})
    text = ".".join(encode(json.dumps(part).encode()) for part in parts)
    return f"{text}.{encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"


LOGIN = """
import convo

@convo.password_auth_callback
def check(name: str, password: str) -> convo.User | None:
    return convo.User(name)

@convo.on_message
async def answer(message):
    await convo.Message(f"You are {convo.user_session.get('user').identifier}.").send()
"""


async def test_who_has_to_sign_in_is_led_to_the_app(begin: Begin, context: Any) -> None:
    shop = await begin(app=LOGIN, AUTH__SECRET="s" * 40)
    await shop.page.get_by_role("button", name="Ask the shop").click()
    await shop.sees("The server does not know who you are.")
    assert await shop.violations() == []
    async with context.expect_page() as opened:
        await shop.page.get_by_role("link", name="Sign in").click()
    tab = await opened.value
    await tab.get_by_label("User name or e-mail").wait_for()
    assert await tab.evaluate("opener") is None
    assert shop.errors == []


async def test_who_has_to_sign_in_is_there_for_the_keys_and_leaves_by_escape(begin: Begin) -> None:
    for width in (390, 1280):
        shop = await begin(app=LOGIN, AUTH__SECRET="s" * 40)
        await shop.page.set_viewport_size({"width": width, "height": 800})
        await shop.page.get_by_role("button", name="Ask the shop").press("Enter")
        await shop.sees("The server does not know who you are.")
        await shop.page.keyboard.press("Tab")
        assert await shop.inside("root.activeElement.textContent") == "Sign in", width
        await shop.leaves_by_escape()
        await shop.page.close()


async def test_the_page_hears_that_nobody_is_in_and_says_who_is(begin: Begin) -> None:
    secret = "e" * 40
    shop = await begin(app=LOGIN, AUTH__SECRET="s" * 40, AUTH__EMBED_SECRET=secret)
    await shop.page.evaluate("chat.open()")
    told = await shop.heard("error")
    assert (told["code"], told["id"]) == ("unauthenticated", "default")
    await shop.sees("The server does not know who you are.")
    await shop.page.evaluate(f"chat.setToken({json.dumps(signed(secret, 'ann'))})")
    await shop.say("hi")
    await shop.sees("You are ann.")
    assert await shop.page.evaluate("heard.filter(({ name }) => name === 'error').length") == 1
    assert shop.errors == []


async def test_the_page_hears_once_that_it_cannot_vouch(begin: Begin) -> None:
    options = "{ getToken: () => Promise.reject(new Error('No session.')) }"
    shop = await begin(app=LOGIN, options=options, AUTH__SECRET="s" * 40, AUTH__EMBED_SECRET="e" * 40)
    await shop.page.evaluate("chat.open()")
    await shop.sees("The server does not know who you are.")
    await shop.heard("error")
    errors = await shop.page.evaluate("heard.filter(({ name }) => name === 'error')")
    assert [(error["code"], error["text"]) for error in errors] == [("unauthenticated", "Error: No session.")]
    assert shop.errors == []


async def test_the_page_vouches_for_its_reader(begin: Begin) -> None:
    secret = "e" * 40
    app = """
import convo

@convo.on_message
async def answer(message):
    await convo.Message(f"You are {convo.user_session.get('user').identifier}.").send()
"""
    settings = {"AUTH__SECRET": "s" * 40, "AUTH__EMBED_SECRET": secret}
    token = json.dumps(signed(secret, "ann"))
    shop = await begin(app=app, options=f"{{ getToken: async () => {token} }}", **settings)
    await shop.open()
    await shop.say("hi")
    await shop.sees("You are ann.")
    await shop.page.evaluate(f"chat.setToken({json.dumps(signed(secret, 'bob'))})")
    await shop.page.evaluate("chat.newThread()")
    await shop.say("and now")
    await shop.sees("You are bob.")
    await shop.page.evaluate("chat.setToken('nothing')")
    assert (await shop.heard("error"))["code"] == "unauthenticated"


async def test_its_reader_chooses_the_language(begin: Begin) -> None:
    shop = await begin()
    page = shop.page

    async def choose(name: str) -> None:
        await shop.say("hello")
        await shop.sees("and that is all.")
        await page.keyboard.press("Control+k")
        await page.get_by_role("dialog").get_by_role("combobox").first.fill(name)
        await page.get_by_role("option", name=name).first.wait_for()
        await page.keyboard.press("Enter")

    await shop.open()
    await choose("Deutsch")
    german = page.get_by_role("textbox", name="Nachricht")
    await german.wait_for()
    await page.get_by_text("jetzt", exact=True).first.wait_for(state="attached")
    await page.reload()
    await german.wait_for()
    assert await page.evaluate("document.cookie") == ""
    assert await page.evaluate("document.documentElement.lang") == "en"

    await page.keyboard.press("Control+k")
    options = page.get_by_role("dialog").get_by_role("combobox").first
    await options.fill("English")
    await page.get_by_role("option", name="English").first.wait_for()
    await page.keyboard.press("Enter")
    await shop.composer.wait_for()
    await page.get_by_text("now", exact=True).first.wait_for(state="attached")
    await page.keyboard.press("Control+k")
    await options.fill("dark")
    await page.get_by_text("Nothing").first.wait_for()
    assert shop.errors == []
