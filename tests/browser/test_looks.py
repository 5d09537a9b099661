"""An app's own looks, in a real Chromium."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

APP = """
import convo

@convo.password_auth_callback
def check(name: str, password: str):
    return convo.User(name)

@convo.on_message
async def answer(message):
    await convo.Message("An answer.").send()
"""
CHAT = """
import convo

@convo.on_message
async def answer(message):
    await convo.Message("An answer.").send()
"""
SIGN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="COLOUR"/></svg>'
FILES = {
    "public/theme.json": json.dumps(
        {"base": {"r4": "2px"}, "light": {"accent": "rgb(0, 90, 60)"}, "dark": {"accent": "rgb(120, 220, 180)"}}
    ),
    "public/app.css": ":root .head { border-block-end: 3px solid var(--accent) }",
    "public/app.js": "document.documentElement.dataset.own = 'here';",
    "public/logo.svg": SIGN.replace("COLOUR", "green"),
    "public/logo-dark.svg": SIGN.replace("COLOUR", "lime"),
    "public/favicon.svg": SIGN.replace("COLOUR", "navy"),
}
SETTINGS = {
    "PROJECT__NAME": "Atlas",
    "PROJECT__DESCRIPTION": "Answers & more.",
    "UI__THEME": "dark",
    "UI__LAYOUT": "wide",
    "UI__LOGO": "public/logo.svg",
    "UI__LOGO_DARK": "public/logo-dark.svg",
    "UI__FAVICON": "public/favicon.svg",
    "UI__IMAGE": "https://atlas.example/card.png",
    "UI__CUSTOM_CSS": "public/app.css",
    "UI__CUSTOM_JS": "public/app.js",
}


def lay(folder: Path) -> None:
    (folder / "public").mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)


def accent(page: Any) -> Any:
    return page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()")


async def test_an_app_has_looks_of_its_own(serve: Any, context: Any, tmp_path: Path) -> None:
    lay(tmp_path)
    server = await serve(app=CHAT, settings=SETTINGS)
    chat = Chat(await context.new_page())
    page = chat.page
    await page.goto(server.url)
    await chat.composer.wait_for()

    assert await page.get_attribute("html", "data-theme") == "dark"
    assert await accent(page) == "rgb(120, 220, 180)"
    assert (await page.get_attribute(".mark img", "src")) == "/public/logo-dark.svg"
    assert await page.evaluate("getComputedStyle(document.querySelector('.head')).borderBlockEndWidth") == "3px"
    await expect(page.locator("html")).to_have_attribute("data-own", "here")
    assert await page.get_attribute("meta[property='og:description']", "content") == "Answers & more."
    assert await page.get_attribute("meta[property='og:image']", "content") == "https://atlas.example/card.png"
    assert await page.locator("link[rel=icon]").last.get_attribute("href") == "/public/favicon.svg"
    await chat.say("hello")
    await chat.sees("An answer.")
    await chat.shot("looks-own-dark")
    assert await chat.violations() == []

    await page.get_by_role("button", name="Theme: dark. Change to system.").click()
    await page.get_by_role("button", name="Theme: system. Change to light.").click()
    assert await accent(page) == "rgb(0, 90, 60)"
    assert (await page.get_attribute(".mark img", "src")) == "/public/logo.svg"
    await chat.shot("looks-own-light")
    assert chat.complaints == []


async def test_a_picture_stands_where_people_sign_in(serve: Any, context: Any, tmp_path: Path) -> None:
    lay(tmp_path)
    server = await serve(
        app=APP,
        settings={
            "AUTH__SECRET": "a secret that only this test knows, of some length",
            "UI__LOGIN_IMAGE": "public/logo.svg",
        },
    )
    chat = Chat(await context.new_page())
    await chat.page.goto(server.url)
    await chat.page.get_by_role("button", name="Language").wait_for()
    assert await chat.page.get_attribute(".sign-in-image", "src") == "/public/logo.svg"
    await chat.portray("looks-login")


async def test_the_policy_lets_in_a_stylesheet_from_elsewhere_with_its_fonts(serve: Any, context: Any) -> None:
    url = "https://looks.example/app.css"
    server = await serve(app=CHAT, settings={"UI__CUSTOM_CSS": url, "UI__SIDEBAR": "closed"})
    page = await context.new_page()

    async def answer(route: Any) -> None:
        css = "@font-face { font-family: Own; src: url(own.woff2) } :root body { font-family: Own; opacity: 0.5 }"
        await route.fulfill(body=css if route.request.url == url else "", content_type="text/css")

    await page.route("https://looks.example/**", answer)
    async with page.expect_request("https://looks.example/own.woff2"):
        response = await page.goto(server.url)
    policy = response.headers["content-security-policy"]

    assert "https://looks.example; font-src 'self' https://looks.example;" in policy
    await page.locator("textarea").first.wait_for()
    assert await page.evaluate("getComputedStyle(document.body).opacity") == "0.5"
