"""An author at work with `convo run -w`: what he saves is in the open page, and a draft stays. In a real Chromium."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

APP = """
import convo

@convo.on_message
async def answer(message):
    await convo.Message("heard " + message.content).send()
"""
DRAFT = "half a thought"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def theme(accent: str) -> str:
    return json.dumps({"light": {"accent": accent}, "dark": {"accent": accent}})


async def shows(chat: Any, name: str, value: str, of: str = "html") -> None:
    """Waits until a property of the page's style has this value."""
    await chat.page.wait_for_function(
        "([of, name, value]) => getComputedStyle(document.querySelector(of)).getPropertyValue(name).trim() === value",
        arg=[of, name, value],
    )


class Loads:
    """How often a tab has loaded its page."""

    def __init__(self, chat: Any) -> None:
        self.count = 0
        chat.page.on("load", self._count)

    def _count(self, _: Any) -> None:
        self.count += 1


async def test_saved_looks_are_in_the_open_page_and_a_draft_stays(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    write(tmp_path, "public/app.css", ":root .head { border-block-end: 1px solid }")
    server = await serve("-w", app=APP, settings={"UI__CUSTOM_CSS": "public/app.css"})
    chat = await open_tab(server.url)
    loads = Loads(chat)
    await chat.composer.fill(DRAFT)
    for accent in ("rgb(1, 2, 3)", "rgb(4, 5, 6)"):  # the first theme there is, and the next
        write(tmp_path, "public/theme.json", theme(accent))
        await shows(chat, "--accent", accent)
    for width in ("3px", "5px"):
        write(tmp_path, "public/app.css", f":root .head {{ border-block-end: {width} solid }}")
        await shows(chat, "border-block-end-width", width, ".head")

    await shows(chat, "--accent", "rgb(4, 5, 6)")
    (tmp_path / "public/theme.json").unlink()
    await chat.page.locator("#convo-theme").wait_for(state="detached")
    await expect(chat.composer).to_have_value(DRAFT)
    assert loads.count == 0


async def test_words_and_a_script_load_the_page_again_once(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    write(tmp_path, "public/app.js", "document.documentElement.dataset.own = 'one'")
    server = await serve("-w", app=APP, settings={"UI__CUSTOM_JS": "public/app.js"})
    chat = await open_tab(server.url)
    loads = Loads(chat)
    await chat.composer.fill(DRAFT)
    async with chat.page.expect_event("load"):
        write(tmp_path, "translations/en.json", '{"empty": {"title": "What would you like to know?"}}')
    await chat.sees("What would you like to know?")
    await expect(chat.composer).to_have_value(DRAFT)
    assert loads.count == 1
    async with chat.page.expect_event("load"):
        write(tmp_path, "public/app.js", "document.documentElement.dataset.own = 'two'")
    await chat.page.locator("html[data-own=two]").wait_for()
    await expect(chat.composer).to_have_value(DRAFT)
    assert loads.count == 2

    tab = await open_tab(server.url)
    again = Loads(tab)
    for page in (tab.page, chat.page):  # the notice stands: it must not say more to a page than that page has
        await page.reload()
    for one in (tab, chat):
        await one.say("hello")
        await one.sees("heard hello")
    write(tmp_path, "public/theme.json", theme("rgb(7, 8, 9)"))  # a round trip after which a reload would have come
    for one in (tab, chat):
        await shows(one, "--accent", "rgb(7, 8, 9)")
    assert (loads.count, again.count) == (3, 1)


async def test_a_page_is_not_loaded_again_while_something_would_be_lost(
    serve: Any, open_tab: Any, tmp_path: Path
) -> None:
    server = await serve("-w", app=APP)
    chat = await open_tab(server.url)
    await chat.say("hello")
    await chat.sees("heard hello")
    await chat.page.get_by_role("button", name="Edit").first.click()
    editor = chat.page.get_by_role("textbox", name="Your message")
    await editor.fill("hello, at length")
    async with chat.page.expect_response(lambda response: response.request.resource_type == "fetch"):
        write(tmp_path, "translations/en.json", '{"composer": {"placeholder": "Ask the handbook"}}')
    await expect(editor).to_have_value("hello, at length")
    await editor.press("Escape")
    await chat.page.get_by_placeholder("Ask the handbook").wait_for()


async def test_saved_settings_are_in_the_open_page(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    write(tmp_path, "public/logo.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>')
    write(tmp_path, "public/app.css", ":root .head { border-block-end: 3px solid }")
    server = await serve("-w", app=APP)
    chat = await open_tab(server.url)
    loads = Loads(chat)
    await chat.composer.fill(DRAFT)
    settings = "[project]\nname = 'Ada'\ndescription = 'Knows numbers'\n[features.uploads]\nenabled = false\n"
    looks = "[ui]\nlayout = 'wide'\ntheme = 'dark'\nlogo = 'public/logo.svg'\ncustom_css = 'public/app.css'\n"
    write(tmp_path, "convo.toml", settings + looks)

    await chat.sees("Knows numbers")
    await expect(chat.page).to_have_title(re.compile("Ada"))
    await chat.page.locator("html[data-layout=wide][data-theme=dark]").wait_for()
    await chat.page.locator(".mark img[src='/public/logo.svg']").first.wait_for()
    await shows(chat, "border-block-end-width", "3px", ".head")
    await expect(chat.page.get_by_role("button", name="Attach files")).to_have_count(0)
    write(tmp_path, "convo.toml", "[project]\nname = 'Bob'\n")
    await expect(chat.page).to_have_title(re.compile("Bob"))
    await chat.page.locator("html:not([data-layout=wide])").wait_for()
    await expect(chat.composer).to_have_value(DRAFT)
    assert loads.count == 0

    async with chat.page.expect_event("load"):  # texts on the page were read otherwise
        write(tmp_path, "convo.toml", "[features]\nunsafe_allow_html = true\n")
    await expect(chat.composer).to_have_value(DRAFT)
    assert loads.count == 1


async def test_the_list_of_chats_opens_and_closes_as_the_saved_settings_say(
    serve: Any, open_tab: Any, tmp_path: Path
) -> None:
    server = await serve("-w", app=APP, settings={"DATA__URL": "sqlite:///history.db"})
    chat = await open_tab(server.url)
    loads = Loads(chat)
    await chat.page.set_viewport_size({"width": 1280, "height": 860})
    chats = chat.page.get_by_role("navigation", name="Chats")
    await chats.wait_for()
    write(tmp_path, "convo.toml", "[ui]\nsidebar = 'closed'\n")
    await chats.wait_for(state="hidden")
    write(tmp_path, "convo.toml", "[ui]\nsidebar = 'open'\n")
    await chats.wait_for()

    await chat.page.get_by_role("button", name="Hide the chats").first.click()
    await chats.wait_for(state="hidden")
    write(tmp_path, "convo.toml", "[project]\nname = 'Ada'\n[ui]\nsidebar = 'open'\n")
    await expect(chat.page).to_have_title(re.compile("Ada"))
    await expect(chats).to_be_hidden()  # what the reader has chosen holds
    assert loads.count == 0


async def test_the_traceback_stands_while_the_app_is_broken(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve("-w", app=APP)
    chat = await open_tab(server.url)
    await chat.composer.fill(DRAFT)
    write(tmp_path, "app.py", APP + "\n1 / 0\n")
    await chat.sees("ZeroDivisionError")
    await chat.sees("1 / 0")
    tab = await open_tab(server.url)
    await tab.sees("ZeroDivisionError")
    await tab.say("that")
    await tab.sees("heard that")
    await chat.shot("reload-failed")
    await expect(chat.composer).to_have_value(DRAFT)
    write(tmp_path, "app.py", APP.replace("heard", "understood"))
    for one in (chat, tab):
        await one.sees_not("ZeroDivisionError")
    await expect(chat.composer).to_have_value(DRAFT)
    await chat.say("this")
    await chat.sees("understood this")
