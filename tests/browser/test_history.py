"""The history beside the chat, in a real Chromium."""

import json
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SETTINGS = {"DATA__URL": "sqlite:///history.db", "PROJECT__NAME": "Atlas Support"}
APP = """
import asyncio
import convo

@convo.on_message
async def answer(message):
    if message.content.startswith("wait"):
        await convo.AskUserMessage("For what?", timeout=120).send()
    if message.content.startswith("long"):
        await convo.Message("\\n\\n".join(f"Paragraph {n} of a long answer." for n in range(60))).send()
        return
    await convo.Message(f"You said {message.content}.").send()
"""
TITLES = [
    "Churn by region, last quarter",
    "Why did the import fail?",
    "Draft reply to Nordwind",
    "Pricing table for resellers",
    "SQL for weekly actives",
    "Compare vendors for OCR",
    "Onboarding e-mail, v3",
    "Translate the FAQ",
    "Incident 4411 summary",
    "Roadmap themes",
]
AGES = (0.001, 0.002, 1.1, 2, 3, 4, 5, 9, 40, 41)
DAY = 86_400_000_000  # microseconds


def fill(folder: Path, owner: str, threads: list[tuple[str, str, float]]) -> None:
    """Put threads into the history as if they had been there: id, name, age in days."""
    with sqlite3.connect(folder / "history.db", timeout=30) as database:
        (state,) = database.execute("SELECT fields FROM convo_threads WHERE owner_id = ?", [owner]).fetchone()
        for thread, name, age in threads:
            info = json.dumps({"id": thread, "name": name, "createdAt": "2026-01-01T00:00:00.000Z"})
            changed = int(time.time() * 1_000_000 - age * DAY)
            database.execute(
                "INSERT INTO convo_threads (id, epoch, process, owner_id, changed_at, info, fields, pinned)"
                " VALUES (?, 1, '', ?, ?, ?, ?, 0)",
                [thread, owner, changed, info, state],
            )
    database.close()


async def owner_of(chat: Any) -> str:
    cookies = await chat.page.context.cookies()
    return str(next(cookie["value"] for cookie in cookies if cookie["name"].startswith("convo-"))).partition(".")[0]


def chats(chat: Any) -> Any:
    return chat.page.get_by_role("navigation", name="Chats")


async def names(chat: Any) -> list[str]:
    return [text.strip() for text in await chats(chat).locator(".side-row .side-name").all_inner_texts()]


async def opened(serve: Any, open_tab: Any, app: str = APP) -> Any:
    server = await serve(app=app, settings=SETTINGS)
    chat = await open_tab(server.url)
    await chats(chat).wait_for()
    return server, chat


async def test_chats_are_listed_and_one_goes_back_to_them(serve: Any, open_tab: Any) -> None:
    server, chat = await opened(serve, open_tab)
    await chats(chat).get_by_text("Your chats appear here.").wait_for()
    await chat.portray("history-empty")
    await chat.say("tea or coffee")
    await chat.sees("You said tea or coffee.")
    await expect(chats(chat).locator("[aria-current=page]")).to_have_text("tea or coffee")  # nor is it at work any more
    await chats(chat).get_by_role("button", name="New chat").click()
    await chat.say("apples or pears")
    await expect(chats(chat).locator(".side-row .side-name")).to_have_text(["apples or pears", "tea or coffee"])
    await chat.sees("You said apples or pears.")
    await chats(chat).get_by_role("link", name="tea or coffee").click()
    await chat.sees("You said tea or coffee.")
    await chat.sees_not("You said apples or pears.")
    assert re.search(r"/thread/[\w-]+$", chat.page.url)
    await chat.page.go_back()
    await chat.sees("You said apples or pears.")
    await chat.page.reload()
    await chats(chat).get_by_role("link", name="tea or coffee").wait_for()
    assert server.complaints == []


async def test_every_tab_sees_what_happens_in_another(serve: Any, open_tab: Any) -> None:
    patient = "import convo.history\nconvo.history.GRACE_SECONDS = 60.0\n"  # until it is deleted for good
    server, chat = await opened(serve, open_tab, patient + APP)
    other = await open_tab(server.url)
    await chat.say("wait for it")
    row = chats(other).locator(".side-row", has_text="wait for it")
    await row.get_by_text("the app is at work").wait_for()
    await expect(chat.composer).to_have_attribute("placeholder", "Write your answer…")
    await chat.say("nothing")
    await row.locator(".side-running").wait_for(state="detached")
    await chats(chat).get_by_role("button", name="Options for wait for it").click()
    await chat.page.get_by_role("menuitem", name="Rename").click()
    field = chats(chat).get_by_role("textbox", name="Name of the chat")
    await field.fill("Waited for")
    await field.press("Enter")
    await chats(other).get_by_role("link", name="Waited for").wait_for()
    await chat.page.locator("h1", has_text="Waited for").wait_for()
    await chats(other).get_by_role("link", name="Waited for").click()
    await other.sees("You said wait for it.")
    await chats(chat).get_by_role("button", name="Options for Waited for").click()
    await chat.page.get_by_role("menuitem", name="Delete").click()
    await other.sees("This chat was deleted.")
    await chats(other).get_by_text("“Waited for” is deleted").wait_for()
    await other.shot("history-deleted-elsewhere")
    await expect(chats(other).locator(".side-row")).to_have_count(0)
    await chat.page.reload()
    await chats(chat).get_by_text("“Waited for” is deleted").wait_for()
    await chats(chat).get_by_role("button", name="Undo").click()
    await chats(chat).get_by_role("link", name="Waited for").click()
    await chat.sees("You said wait for it.")
    assert server.complaints == []


async def test_a_deleted_chat_is_gone_when_nobody_takes_it_back(serve: Any, open_tab: Any) -> None:
    _, chat = await opened(serve, open_tab)
    await chat.say("forget me")
    row = chats(chat).locator(".side-row")
    await row.wait_for()
    await row.get_by_role("link").focus()
    await chat.page.keyboard.press("Delete")
    undo = chats(chat).get_by_role("button", name="Undo")
    await undo.wait_for()
    await chat.sees("How can I help?")
    await chat.portray("history-undo")
    await undo.wait_for(state="detached", timeout=20_000)
    await chat.page.reload()
    await chats(chat).get_by_text("Your chats appear here.").wait_for()


async def test_a_thousand_chats_stand_under_their_dates_and_load_as_one_scrolls(
    serve: Any, open_tab: Any, tmp_path: Path
) -> None:
    server, chat = await opened(serve, open_tab)
    await chat.say("wait for the import")
    await chats(chat).locator(".side-running").wait_for()
    ages = [0.5 + number * 0.4 for number in range(990)]
    threads = [(f"t{n}", f"Thread {n}", age) for n, age in enumerate(ages, 10)]
    few = [(f"s{n}", title, AGES[n]) for n, title in enumerate(TITLES)]
    fill(tmp_path, await owner_of(chat), few)
    await chat.page.reload()
    await chats(chat).get_by_role("link", name="Roadmap themes").wait_for()
    await chats(chat).get_by_role("button", name="Options for Draft reply to Nordwind").click(force=True)
    await chat.page.get_by_role("menuitem", name="Pin").click()
    await chats(chat).get_by_role("heading", name="Pinned").wait_for()
    await chat.page.keyboard.press("Escape")
    await chat.portray("history")
    await chats(chat).get_by_role("button", name="Options for Roadmap themes").click(force=True)
    await chat.page.get_by_role("menu").wait_for()
    await chat.shot("history-menu")
    assert await chat.violations() == []
    await chat.page.keyboard.press("Escape")
    fill(tmp_path, await owner_of(chat), threads)
    await chat.page.reload()
    await chats(chat).get_by_role("link", name="Thread 11").first.wait_for()
    await chat.page.wait_for_function(
        """() => {
          const frame = document.querySelector(".side-scroll");
          frame.scrollTop = frame.scrollHeight;
          return [...frame.querySelectorAll("a")].some((link) => link.title === "Thread 999");
        }""",
        timeout=60_000,
    )
    await chats(chat).get_by_role("link", name="Thread 999").wait_for()
    assert await chats(chat).locator(".side-row").count() < 60
    await chats(chat).get_by_role("link", name="Thread 999").focus()
    await chat.page.keyboard.press("Home")
    await chat.page.wait_for_function("() => document.activeElement.innerText === 'Draft reply to Nordwind'")
    assert server.complaints == []


async def test_chats_are_found_by_what_was_said_and_opened_there(serve: Any, open_tab: Any) -> None:
    _, chat = await opened(serve, open_tab)
    await chat.say("The quick brown fox jumps over the lazy dog")
    await chat.sees("You said The quick brown fox")  # a message on its way would be asked about first
    await chats(chat).get_by_role("button", name="New chat").click()
    await chat.say("Something else")
    await chats(chat).get_by_role("link", name="Something else").wait_for()
    await chats(chat).get_by_role("searchbox").fill("lazy fox")
    found = chats(chat).locator(".side-found a")
    await found.wait_for()
    assert await found.locator("mark").all_inner_texts() == ["fox", "lazy"]
    await chat.portray("history-found")
    await chats(chat).get_by_role("searchbox").wait_for()
    await chats(chat).get_by_role("searchbox").fill("lazy fox")
    await found.wait_for()
    await chats(chat).get_by_role("searchbox").press("Enter")
    await chat.sees("You said The quick brown fox")
    await chats(chat).get_by_role("searchbox").fill("nowhere to be found")
    await chats(chat).get_by_text("Nothing found for “nowhere to be found”").wait_for()
    await chats(chat).get_by_role("searchbox").press("Escape")
    await chats(chat).get_by_role("link", name="Something else").wait_for()
    await chat.page.keyboard.press("Control+k")
    await chat.page.get_by_role("combobox").fill("something")
    await chat.page.get_by_role("option", name="Something else").wait_for()
    await chat.shot("history-palette")
    await chat.page.get_by_role("option", name="Something else").click()
    await chat.sees("You said Something else.")


async def test_on_a_phone_it_is_a_drawer(serve: Any, open_tab: Any) -> None:
    _, chat = await opened(serve, open_tab)
    await chat.say("first")
    await chat.sees("You said first.")
    await chats(chat).get_by_role("link", name="first").wait_for()
    await chat.page.set_viewport_size({"width": 390, "height": 844})
    await chats(chat).wait_for(state="detached")
    show = chat.page.get_by_role("button", name="Show the chats")
    await show.click()
    await chats(chat).get_by_role("link", name="first").wait_for()
    await chat.shot("history-drawer")
    assert await chat.violations() == []
    await chats(chat).get_by_role("button", name="New chat").click()
    await chats(chat).wait_for(state="detached")
    await chat.sees("How can I help?")
    await show.click()
    await chats(chat).get_by_role("link", name="first").click()
    await chat.sees("You said first.")
    await chats(chat).wait_for(state="detached")


async def test_it_is_hidden_for_good_until_it_is_wanted(serve: Any, open_tab: Any) -> None:
    _, chat = await opened(serve, open_tab)
    await chats(chat).get_by_role("button", name="Hide the chats").click()
    await chats(chat).wait_for(state="detached")
    await chat.page.reload()
    await chat.page.get_by_role("button", name="Show the chats").wait_for()
    assert await chats(chat).count() == 0
    await chat.page.keyboard.press("Control+Shift+S")
    await chats(chat).wait_for()


async def test_a_chat_is_as_it_was_left(serve: Any, open_tab: Any) -> None:
    _, chat = await opened(serve, open_tab)
    await chat.say("long story")
    await chat.sees("Paragraph 59")
    await chats(chat).get_by_role("link", name="long story").wait_for()
    transcript = chat.page.locator(".scroll")
    await transcript.evaluate("frame => { frame.scrollTop = 400 }")
    await chat.composer.fill("half a sentence")
    await chats(chat).get_by_role("button", name="New chat").click()
    await chat.sees("How can I help?")
    await expect(chat.composer).to_have_value("")
    await chat.say("something short")
    await chat.sees("You said something short.")
    await chats(chat).get_by_role("link", name="long story").click()
    await chat.page.get_by_text("Paragraph 59").wait_for(state="attached")
    await chat.page.wait_for_function("() => Math.abs(document.querySelector('.scroll').scrollTop - 400) < 40")
    await expect(chat.composer).to_have_value("half a sentence")


async def test_where_nothing_is_kept_there_is_no_history(serve: Any, open_tab: Any) -> None:
    server = await serve(app=APP)
    chat = await open_tab(server.url)
    await chat.say("hi")
    await chat.sees("You said hi.")
    assert await chats(chat).count() == 0
    assert await chat.page.get_by_role("button", name="Show the chats").count() == 0


async def test_a_list_that_cannot_be_read_says_so_and_comes_back(serve: Any, open_tab: Any) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    chat = await open_tab(server.url)
    await chat.say("hi")
    await chats(chat).get_by_role("link", name="hi").wait_for()
    away = {"code": "unavailable", "text": "Away."}
    await chat.page.route("**/api/v1/threads?*", lambda route: route.fulfill(status=503, json=away))
    await chat.page.reload()
    await chats(chat).get_by_text("Your chats could not be loaded.").wait_for()
    await chat.shot("history-failed")
    assert await chat.violations() == []
    await chat.page.unroute("**/api/v1/threads?*")
    await chats(chat).get_by_role("button", name="Try again").click()
    await chats(chat).get_by_role("link", name="hi").wait_for()


async def test_favourites_of_other_chats_are_said_again(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve(app=APP, settings=SETTINGS | {"FEATURES__FAVORITES": "true"})
    chat = await open_tab(server.url)
    await chat.say("Compare the two offers")
    await chat.sees("You said Compare the two offers.")
    await chat.page.get_by_role("button", name="Favourite", exact=True).first.click()
    await chats(chat).get_by_role("link", name="Compare the two offers").wait_for()
    await chats(chat).get_by_role("button", name="New chat").click()
    await chat.say("And now in one sentence")
    await chat.sees("You said And now in one sentence.")
    await chat.page.get_by_role("button", name="Favourite", exact=True).first.click()
    await chat.page.wait_for_function(  # both are stored: other chats than this are read from there
        "() => fetch('/api/v1/favourites').then(answer => answer.json()).then(found => found.favourites.length === 2)"
    )
    await chats(chat).get_by_role("button", name="New chat").click()
    await chat.sees("How can I help?")
    await chat.page.get_by_role("button", name="Favourites").click()
    options = chat.page.get_by_role("listbox", name="Favourites").get_by_role("option")
    await options.nth(1).wait_for()
    assert await options.all_inner_texts() == ["And now in one sentence", "Compare the two offers"]
    await chat.shot("favourites")
    assert await chat.violations() == []
    await options.nth(1).click()
    assert await chat.composer.input_value() == "Compare the two offers"
    assert await names(chat) == ["And now in one sentence", "Compare the two offers"]
    mark(tmp_path, await owner_of(chat), [f"Prompt {number}" for number in range(70)])
    await chat.page.reload()
    await chat.composer.fill("")
    await chat.page.get_by_role("button", name="Favourites").click()
    await options.nth(29).wait_for()
    await chat.page.keyboard.press("End")
    await options.nth(59).wait_for()
    await chat.page.keyboard.press("End")
    await options.get_by_text("Prompt 0", exact=True).wait_for()
    assert await options.count() == 72
    await chat.page.keyboard.press("End")
    await chat.page.keyboard.press("Enter")
    assert await chat.composer.input_value() == "Prompt 0"
    assert server.complaints == []


def mark(folder: Path, owner: str, texts: list[str]) -> None:
    """Put favourites into the history as if they had been there, the last one the latest, all older than the chat's."""
    with sqlite3.connect(folder / "history.db", timeout=30) as database:
        fill(folder, owner, [("marked", "Marked", 5)])
        for number, text in enumerate(texts):
            at = f"2026-01-01T00:{number // 60:02}:{number % 60:02}.000Z"
            step = {"id": f"f{number}", "type": "user_message", "output": text, "createdAt": at, "favourite": True}
            database.execute(
                "INSERT INTO convo_entries (thread_id, collection, id, body, favourite) VALUES (?, 'steps', ?, ?, ?)",
                ["marked", step["id"], json.dumps(step), at],
            )
    database.close()
