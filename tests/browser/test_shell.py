"""The shell in a real Chromium: palette, shortcuts, recall, prefill, leaving a chat, being away, toasts, times."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EXAMPLES = Path(__file__).parents[2] / "examples"

APP = """
import asyncio, convo, pathlib

@convo.on_message
async def answer(message: convo.Message):
    if message.content.startswith("toast"):
        for type in ("info", "success", "warning", "error"):
            await convo.context.emitter.send_toast(f"This is of the type {type}, and says so at some length.", type)
        return
    while message.content == "wait" and not pathlib.Path("go").exists():
        await asyncio.sleep(0.05)
    await convo.Message(f"You said {message.content}.").send()
"""

KEYS = """
import convo

@convo.on_message
async def answer(message: convo.Message):
    await convo.Message(f"{convo.user_session.get('env')['OPENAI_API_KEY']}: {message.content}").send()
"""

ECHO = """
import convo

@convo.on_message
async def answer(message: convo.Message):
    await convo.Message(message.content).send()
"""

BRANCHES = """
import convo

@convo.on_message
async def answer(message: convo.Message):
    await convo.Message(f"Known: {message.content}. " + "All of it in many words. " * 60).send()
"""


MANY = """
import convo

@convo.on_message
async def answer(message: convo.Message):
    for number in range(60):
        await convo.Message(f"question {number}", type="user_message").send()
        await convo.Message(f"The *needle* of {number}.").send()
    await convo.Message("That is all.").send()
"""


def palette(chat: Any) -> Any:
    return chat.page.get_by_role("combobox", name="Search and commands")


async def test_what_is_not_loaded_is_found_after_a_word(serve: Any, open_tab: Any) -> None:
    server = await serve(app=MANY, settings={"DATA__URL": "sqlite:///chats.db"})
    first = await open_tab(server.url)
    await first.say("go")
    await first.sees("That is all.")
    chat = await open_tab(first.page.url)
    await chat.sees("That is all.")
    await chat.page.keyboard.press("Control+k")
    await chat.page.keyboard.type("of 3.")  # at once: none of it may go into the message box
    await palette(chat).wait_for()
    await expect(palette(chat)).to_have_value("of 3.")
    await expect(chat.composer).to_have_value("")
    await chat.page.get_by_role("option", name="Look through the earlier messages, too").click()
    await chat.page.get_by_role("option", name="The needle of 3.").click()
    found = chat.page.locator("[data-message].is-found", has_text="The needle of 3.")
    await found.wait_for()
    await expect(found).to_be_in_viewport()


async def test_the_palette_does_what_is_asked_and_finds_what_was_said(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=BRANCHES)).url)
    for number, text in enumerate(("the needle", "hay", "straw", "grass"), 1):
        await chat.say(text)
        await chat.page.wait_for_function("n => document.querySelectorAll('main .markdown').length === n", arg=number)
    await chat.page.keyboard.press("Control+k")
    await palette(chat).wait_for()
    await chat.portray("palette")
    await palette(chat).fill("needle")
    await chat.page.get_by_role("option", name="the needle", exact=True).wait_for()
    await chat.portray("palette-messages")
    await chat.page.keyboard.press("ArrowDown")
    await chat.page.keyboard.press("Enter")
    found = chat.page.locator(".user.is-found")
    await found.wait_for()
    await expect(found).to_be_in_viewport()
    await chat.page.keyboard.press("Control+k")
    await palette(chat).fill("dark")
    await chat.page.keyboard.press("Enter")
    await chat.page.locator("html[data-theme=dark]").wait_for()
    await chat.page.keyboard.press("Control+k")
    await palette(chat).fill("no such thing")
    await chat.sees("Nothing found for “no such thing”")
    await chat.portray("palette-none")
    await chat.page.keyboard.press("Escape")
    await palette(chat).wait_for(state="detached")


async def test_the_palette_turns_to_the_branch_of_what_it_found(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve("run", str(EXAMPLES / "branches.py"))).url)
    await chat.say("apples")
    await chat.sees("You said apples.")
    await chat.page.locator(".user").hover()
    await chat.page.get_by_role("button", name="Edit message").click()
    await chat.page.get_by_role("textbox", name="Your message").fill("pears")
    await chat.page.keyboard.press("Enter")
    await chat.sees("You said pears.")
    await chat.page.get_by_role("button", name="Search and commands").click()
    await palette(chat).fill("apples")
    await chat.sees("In another version")
    await chat.page.get_by_role("option", name="You said apples.").click()
    await chat.page.locator(".answer.is-found", has_text="You said apples.").wait_for()


async def test_the_list_of_shortcuts_opens_when_nobody_writes(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=APP)).url)
    await chat.composer.fill("why")
    await chat.composer.press("?")
    assert await chat.composer.input_value() == "why?"
    await chat.page.get_by_role("region", name="Conversation").focus()
    await chat.page.keyboard.press("?")
    dialog = chat.page.get_by_role("dialog", name="Keyboard shortcuts")
    await dialog.wait_for()
    await chat.portray("shortcuts")
    await chat.page.keyboard.press("Escape")
    await dialog.wait_for(state="hidden")
    await chat.page.keyboard.press("/")
    await expect(chat.composer).to_be_focused()


async def test_arrow_up_recalls_and_loses_no_draft(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=APP)).url)
    for text in ("first", "second"):
        await chat.say(text)
        await chat.sees(f"You said {text}.")
    for key, expected in (("Up", "second"), ("Up", "first"), ("Up", "first"), ("Down", "second"), ("Down", "")):
        await chat.composer.press(f"Arrow{key}")
        assert await chat.composer.input_value() == expected
    await chat.composer.fill("a draft")
    await chat.composer.press("ArrowUp")
    assert await chat.composer.input_value() == "a draft"
    other = await open_tab(chat.page.url)
    await other.sees("You said second.")
    await other.page.evaluate("localStorage.clear()")
    await other.composer.fill("")
    await other.composer.press("ArrowUp")
    assert await other.composer.input_value() == "second"


async def test_a_link_fills_the_message_box_and_sends_nothing(serve: Any, open_tab: Any) -> None:
    server = await serve(app=APP)
    first = await open_tab(server.url)
    await first.composer.fill("a draft of mine")
    chat = await open_tab(f"{server.url}/?prompt=Tell%20me%20%3Cb%3Eall%3C%2Fb%3E&x=1")
    assert await chat.composer.input_value() == "Tell me <b>all</b>"
    assert chat.page.url == f"{server.url}/?x=1"
    assert await chat.answers() == []
    await chat.composer.fill("")
    await chat.composer.press("ArrowUp")
    assert await chat.composer.input_value() == "a draft of mine"


async def test_a_new_chat_asks_only_when_something_would_be_lost(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    settings = {"DATA__URL": "sqlite:///history.db", "FEATURES__HISTORY": "false"}
    chat = await open_tab((await serve(app=APP, settings=settings)).url)
    new = chat.page.get_by_role("button", name="New chat").first
    await chat.say("hello")
    await chat.sees("You said hello.")
    await expect(chat.page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    await chat.composer.fill("not sent")
    await new.click()
    await chat.page.get_by_role("dialog", name="Begin a new chat?").wait_for()
    await chat.portray("leaving")
    await chat.page.get_by_role("button", name="Stay here").click()
    assert await chat.composer.input_value() == "not sent"
    await chat.composer.fill("")
    await new.click()
    await chat.sees("How can I help?")
    await chat.say("wait")
    await chat.page.get_by_role("button", name="Stop").wait_for()
    await chat.page.keyboard.press("Control+Shift+O")
    await chat.sees("An answer is still being written.")
    await chat.page.get_by_role("dialog").get_by_role("button", name="New chat").click()
    await chat.sees("How can I help?")
    await expect(chat.composer).to_be_focused()
    (tmp_path / "go").touch()


async def test_an_app_without_history_asks_and_one_that_does_not_want_that_does_not(serve: Any, open_tab: Any) -> None:
    for settings, asks in (({}, True), ({"UI__CONFIRM_NEW_CHAT": "false"}, False)):
        chat = await open_tab((await serve(app=APP, settings=settings)).url)
        await chat.say("hello")
        await chat.sees("You said hello.")
        await chat.page.get_by_role("button", name="New chat").first.click()
        if asks:
            await chat.sees("This app keeps no history")
        else:
            await chat.sees("How can I help?")


async def test_an_answer_that_comes_while_nobody_looks_is_told(
    serve: Any, open_tab: Any, context: Any, tmp_path: Path
) -> None:
    server = await serve(app=APP)
    await context.grant_permissions(["notifications"], origin=server.url)
    await context.add_init_script(
        "window.told = []; const Real = window.Notification;"
        "window.Notification = class { constructor(title, options) { window.told.push([title, options.body]); } };"
        "Object.defineProperty(window.Notification, 'permission', { get: () => Real.permission });"
        "window.Notification.requestPermission = async () => Real.permission;"
    )
    chat = await open_tab(server.url)
    hide = "isHidden => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });"
    hide += "document.dispatchEvent(new Event('visibilitychange')); }"
    await chat.say("wait")
    await chat.page.get_by_role("button", name="Stop").wait_for()
    await chat.page.evaluate(hide, True)
    (tmp_path / "go").touch()
    await chat.sees("You said wait.")
    await chat.page.wait_for_function("() => document.title.startsWith('(1) ')")
    assert await chat.page.evaluate("window.told") == []
    await chat.page.evaluate(hide, False)
    await expect(chat.page).to_have_title("wait · Assistant")
    (tmp_path / "go").unlink()
    await chat.page.keyboard.press("Control+k")
    await palette(chat).fill("notify")
    await chat.page.keyboard.press("Enter")
    await chat.sees("You are told when an answer is ready")
    await chat.say("wait")
    await chat.page.get_by_role("button", name="Stop").wait_for()
    await chat.page.evaluate(hide, True)
    (tmp_path / "go").touch()
    await chat.page.wait_for_function("() => window.told.length === 1")
    assert await chat.page.evaluate("window.told") == [["wait · Assistant", "You said wait."]]


async def test_toasts_of_every_type_stand_together_and_are_dismissed(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=APP)).url)
    await chat.say("toast")
    await chat.sees("of the type error")
    toasts = chat.page.locator(".toast")
    await expect(toasts).to_have_count(4)
    await expect(chat.page.locator(".toasts [role=alert]")).to_have_count(2)
    await toasts.nth(0).get_by_role("button", name="Dismiss").click()
    await toasts.nth(0).get_by_role("button", name="Dismiss").focus()
    await chat.page.keyboard.press("Escape")
    await expect(toasts).to_have_count(2)
    await chat.say("toast")
    await chat.sees("2 more")  # they wait until there is room
    await chat.page.get_by_role("button", name="Dismiss all").click()
    await expect(toasts).to_have_count(0)
    await chat.say("toast")
    await chat.sees("of the type error")
    await chat.portray("toasts")


async def test_times_are_told_to_the_second_by_whoever_asks(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=APP)).url)
    await chat.say("hello")
    await chat.sees("You said hello.")
    moment = chat.page.locator(".answer time")
    assert await moment.inner_text() == "now"
    assert "2" in str(await moment.get_attribute("title"))


async def test_nothing_begins_before_a_user_has_given_his_keys(serve: Any, context: Any) -> None:
    keys = ["OPENAI_API_KEY", "THE_KEY_OF_A_SEARCH_THAT_HAS_A_VERY_LONG_NAME"]
    server = await serve(app=KEYS, settings={"PROJECT__USER_ENV": json.dumps(keys)})
    chat = Chat(await context.new_page())
    page = chat.page
    await page.goto(server.url)
    first, second = (page.get_by_label(key) for key in keys)
    await page.wait_for_function("name => document.activeElement.labels?.[0]?.innerText === name", arg=keys[0])
    await chat.portray("keys")
    await first.fill("sk-1")
    await first.press("Enter")  # leads to the one that is missing
    await page.wait_for_function("name => document.activeElement.labels[0].innerText === name", arg=keys[1])
    await second.fill("x")
    await second.press("Enter")
    await chat.say("hi")
    await chat.sees("sk-1: hi")
    await page.reload()
    await chat.sees("sk-1: hi")
    assert chat.complaints == []


async def test_a_text_runs_the_way_its_letters_do(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=ECHO)).url)
    await chat.say("שלום latin\n\n- אחת\n- שתיים")
    await chat.page.locator("main .markdown li").nth(1).wait_for()
    starts = """selector => {
        const text = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT).nextNode();
        const range = document.createRange();
        return ["שלום", "latin"].map((word) => {
            const at = text.data.indexOf(word);
            range.setStart(text, at);
            range.setEnd(text, at + word.length);
            return range.getBoundingClientRect().left;
        });
    }"""
    for selector in ("main .bubble", "main .markdown p"):
        hebrew, latin = await chat.page.evaluate(starts, selector)
        assert hebrew > latin, selector
    assert await chat.page.locator("main .markdown ul").evaluate("list => getComputedStyle(list).direction") == "rtl"
    await chat.portray("right-to-left")
