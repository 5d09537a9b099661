"""Languages, in a real Chromium."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from convo_ui.languages import languages

from tests.browser.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

DEEP = bool(os.environ.get("TEST_DEEP"))  # then each language as thoroughly as, otherwise, four that differ most

APP = """
import convo

@convo.set_starters
async def starters(user, language):
    return [convo.Starter(f"Begin ({language})", message="begin")]

@convo.on_message
async def answer(message):
    async with convo.Step("look up", type="tool") as step:
        step.output = "found"
    await convo.Message("An answer with `code`, and a [link](https://example.com).").send()
"""


def words(tag: str) -> Any:
    return languages().read(tag)


async def open_in(context: Any, server: Any, tag: str) -> Chat:
    await context.add_cookies([{"name": "convo_language", "value": tag, "url": server.url}])
    chat = Chat(await context.new_page())
    await chat.page.goto(server.url)
    return chat


async def test_a_reader_chooses_a_language_and_it_is_kept(serve: Any, context: Any) -> None:
    server = await serve(app=APP)
    chat = Chat(await context.new_page())
    await chat.page.goto(server.url)
    await chat.composer.wait_for()
    assert await chat.page.get_attribute("html", "lang") == "en"

    await chat.page.get_by_role("button", name="Language").click()
    await chat.page.get_by_role("menuitem", name="Deutsch").click()
    box = chat.page.get_by_role("textbox", name=words("de")["composer"]["label"])
    await box.wait_for()

    assert await chat.page.get_attribute("html", "lang") == "de"
    await chat.sees("Begin (de)")
    await chat.page.reload()
    await box.wait_for()
    await box.fill("Hallo")
    await box.press("Enter")
    await chat.sees("An answer with")


async def test_the_browser_is_asked_last(serve: Any, chromium: Any) -> None:
    server = await serve(app=APP, settings={"UI__LANGUAGE": "fr"})
    context = await chromium.new_context(locale="ja")
    try:
        page = await context.new_page()
        await page.goto(server.url)
        await page.get_by_text(words("fr")["empty"]["title"]).wait_for()
    finally:
        await context.close()


async def test_people_sign_in_in_their_language(serve: Any, chromium: Any) -> None:
    app = (
        APP
        + """
@convo.password_auth_callback
def check(name: str, password: str):
    return convo.User(name)
"""
    )
    server = await serve(app=app, settings={"AUTH__SECRET": "a secret that only this test knows, of some length"})
    for locale, tag, direction in (("de-AT", "de", "ltr"), ("he", "he", "rtl")):
        context = await chromium.new_context(locale=locale)
        page = await context.new_page()
        await page.goto(server.url)
        await page.get_by_role("button", name=words(tag)["signIn"]["submit"], exact=True).wait_for()
        assert (await page.get_attribute("html", "lang"), await page.get_attribute("html", "dir")) == (tag, direction)
        await context.close()


async def test_what_goes_wrong_is_said_in_the_reader_s_language(serve: Any, chromium: Any) -> None:
    app = """
import convo

@convo.password_auth_callback
def check(name: str, password: str):
    return convo.User(name) if password == "open sesame" else None

@convo.on_message
async def answer(message):
    raise RuntimeError("of the app alone")
"""
    settings = {"AUTH__SECRET": "a secret that only this test knows, of some length"}
    server = await serve(app=app, settings=settings)
    said = words("fr")["errors"]
    context = await chromium.new_context(locale="fr-CA")
    try:
        page = await context.new_page()
        await page.goto(server.url)
        for password in ("wrong", "open sesame"):
            await page.get_by_label(words("fr")["signIn"]["name"]).fill("ada")
            await page.get_by_label(words("fr")["signIn"]["password"], exact=True).fill(password)
            await page.get_by_role("button", name=words("fr")["signIn"]["submit"], exact=True).click()
            if password == "wrong":
                await page.get_by_role("alert").get_by_text(said["password"]).wait_for()
        box = page.get_by_role("textbox", name=words("fr")["composer"]["label"], exact=True)
        await box.fill("bonjour")
        await box.press("Enter")
        await page.get_by_text(said["app"]).wait_for()
    finally:
        await context.close()


async def test_an_app_says_it_in_its_own_words(serve: Any, context: Any, tmp_path: Path) -> None:
    (tmp_path / "translations").mkdir()
    own = {"empty": {"title": "Was möchtest du wissen?", "nope": "x"}}
    (tmp_path / "translations/de.json").write_text(json.dumps(own))
    server = await serve(app=APP)
    chat = await open_in(context, server, "de")
    await chat.sees("Was möchtest du wissen?")
    await chat.sees(words("de")["empty"]["hint"])


async def test_every_language_is_drawn_as_it_is_written(serve: Any, context: Any) -> None:
    server = await serve(app=APP)
    page = await context.new_page()
    await page.set_viewport_size({"width": 390, "height": 844})
    for tag in languages().tags:
        await context.add_cookies([{"name": "convo_language", "value": tag, "url": server.url}])
        await page.goto(server.url)
        await page.get_by_role("textbox", name=words(tag)["composer"]["label"], exact=True).wait_for()
        await page.get_by_text(f"Begin ({tag})").wait_for()
        assert await page.evaluate("getComputedStyle(document.body).direction") == languages().direction(tag), tag
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tag


@pytest.mark.parametrize("tag", [tag for tag in languages().tags if DEEP or tag in ("ar", "de", "ja", "ta")])
async def test_nothing_is_wrong_with_a_language(serve: Any, context: Any, tag: str) -> None:
    server = await serve(app=APP)
    chat = await open_in(context, server, tag)
    box = chat.page.get_by_role("textbox", name=words(tag)["composer"]["label"], exact=True)
    await box.fill("hello")
    await box.press("Enter")
    await chat.sees("An answer with")
    await chat.page.get_by_role("button", name=words(tag)["message"]["copy"]).first.wait_for()

    await chat.page.set_viewport_size({"width": 390, "height": 844})
    for theme in ("light", "dark"):
        await chat.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert await chat.violations() == [], theme
    assert await chat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
