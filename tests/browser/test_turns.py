"""Turns in a real Chromium: edits, answers given again, branches, feedback, favourites."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EXAMPLES = Path(__file__).parents[2] / "examples"

SLOW = """
import asyncio, convo

@convo.on_message
async def answer(message: convo.Message):
    reply = convo.Message()
    for number in range(1, 4000):
        await reply.stream_token(f"{number} ")
        await asyncio.sleep(0.02)
    await reply.update()
"""

FILES = """
import convo

@convo.on_message
async def answer(message: convo.Message):
    names = ", ".join(element.name for element in message.elements)
    await convo.Message(f"{message.content} with {names}").send()
"""


async def test_an_edit_in_place_branches_and_every_tab_turns_along(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve("run", str(EXAMPLES / "branches.py"))).url)
    for text, answer in (("one", "You said one."), ("two", "You said one, then two."), ("three", "then three.")):
        await chat.say(text)
        await chat.sees(answer)
    second = chat.page.locator("article", has_text="two").locator(".user").first
    await second.hover()
    await second.get_by_role("button", name="Edit message").click()
    editor = chat.page.get_by_role("textbox", name="Your message")
    await expect(editor).to_be_focused()
    await editor.fill("zwei\n" * 6)
    await chat.portray("edit")
    await editor.press("Escape")
    edit = second.get_by_role("button", name="Edit message")
    await chat.page.wait_for_function("() => document.activeElement.getAttribute('aria-label') === 'Edit message'")
    await edit.press("Enter")
    await editor.fill("zwei")
    await editor.press("Enter")
    await chat.sees("You said one, then zwei.")

    await expect(chat.page.locator("main .markdown")).to_have_text(["You said one.", "You said one, then zwei."])
    versions = chat.page.get_by_role("group", name="Versions")
    assert (await versions.inner_text()).split() == ["2/", "of", "2"] or "2" in await versions.inner_text()
    await chat.portray("branches")
    tab = await open_tab(chat.page.url)
    await tab.sees("You said one, then zwei.")
    await versions.get_by_role("button", name="Previous version").press("Enter")
    await chat.sees("then three.")
    await tab.sees("then three.")
    await chat.page.wait_for_function("() => document.activeElement.getAttribute('aria-label') === 'Previous version'")
    await chat.page.keyboard.press("ArrowRight")
    await chat.sees("then zwei.")
    await chat.page.keyboard.press("ArrowLeft")
    await chat.sees("then three.")
    await chat.page.reload()
    await chat.sees("You said one, then two, then three.")
    await expect(chat.page.locator("main .markdown")).to_have_count(3)


async def test_an_answer_is_given_again_and_both_stay(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve("run", str(EXAMPLES / "branches.py"))).url)
    await chat.say("one")
    await chat.sees("You said one.")
    await chat.page.get_by_role("button", name="Answer again").click()
    versions = chat.page.locator(".answer").get_by_role("group", name="Versions")
    await versions.wait_for()
    await chat.page.get_by_role("button", name="Answer again").wait_for()
    await expect(chat.page.locator("main .markdown")).to_have_text(["You said one."])
    await versions.get_by_role("button", name="Previous version").click()
    await chat.page.wait_for_function("() => document.querySelector('.answer .versions').innerText.startsWith('1')")
    await chat.portray("answered-again")

    await chat.say("fail")
    await chat.sees("Something went wrong")
    await chat.page.get_by_role("button", name="Try again").click()
    await chat.page.wait_for_function("() => document.querySelectorAll('.error-card').length === 1")
    await chat.portray("failed")


async def test_turning_to_the_old_answer_while_the_new_one_is_written(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=SLOW)).url)
    await chat.say("count")
    await chat.counted_to(5)
    await chat.page.get_by_role("button", name="Stop").click()
    await chat.sees("Stopped")
    await chat.page.get_by_role("button", name="Try again").click()
    await chat.counted_to(3)
    back = chat.page.get_by_role("button", name="Previous version")
    await back.click()
    await chat.sees("Stopped")
    stopped = await chat.answers()
    await asyncio.sleep(0.3)  # what is tested: the new answer grows meanwhile, elsewhere
    assert await chat.answers() == stopped
    await chat.page.get_by_role("button", name="Next version").click()
    await chat.counted_to(20)
    await chat.page.get_by_role("button", name="Stop").click()


async def test_an_edited_message_keeps_its_files(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=FILES)).url)
    await chat.page.locator("input[type=file]").first.set_input_files(
        {"name": "table.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )
    await chat.page.locator(".attachment.is-done", has_text="table.csv").wait_for()
    await chat.say("first")
    await chat.page.locator(".answer", has_text="first with table.csv").wait_for()
    await chat.page.locator(".user").hover()
    await chat.page.get_by_role("button", name="Edit message").click()
    editor = chat.page.get_by_role("textbox", name="Your message")
    await editor.fill("second")
    await editor.press("Enter")
    await chat.page.locator(".answer", has_text="second with table.csv").wait_for()


async def test_a_thumb_and_a_comment_are_kept_changed_and_taken_back(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve("run", str(EXAMPLES / "feedback.py"))).url)
    await chat.say("tea")
    await chat.sees("not much.")
    down = chat.page.get_by_role("button", name="Bad answer")
    await down.click()
    comment = chat.page.get_by_role("textbox", name="What was wrong with it?")
    await comment.wait_for()
    await chat.portray("comment")
    await comment.fill("Tell me more.")
    await comment.press("Enter")
    await chat.sees("Noted: thumb down. Tell me more.")
    await chat.portray("rated")
    tab = await open_tab(chat.page.url)
    for each in (chat, tab):
        await each.page.locator("button[aria-label='Bad answer'][aria-pressed=true]").wait_for()
        await expect(each.page.get_by_title("Tell me more.")).to_have_count(1)
    await chat.page.reload()
    await chat.page.locator("button[aria-label='Bad answer'][aria-pressed=true]").wait_for()
    await chat.page.get_by_role("button", name="Good answer").click()
    await tab.page.locator("button[aria-label='Good answer'][aria-pressed=true]").wait_for()
    await chat.page.keyboard.press("Escape")
    await chat.page.get_by_role("button", name="Good answer").click()
    await tab.page.locator("button[aria-label='Good answer'][aria-pressed=false]").wait_for()
    await expect(tab.page.locator("button[aria-label='Bad answer'][aria-pressed=false]")).to_have_count(1)


async def test_a_favourite_is_at_hand_to_be_said_again(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve("run", str(EXAMPLES / "feedback.py"))).url)
    for text in ("tea", "a rather long message about coffee, where it grows and what it costs, " * 4, "cake"):
        await chat.say(text.strip())
        await chat.sees(f"Here is what I know about {text.strip()[:30]}")
    star = chat.page.get_by_role("button", name="Favourite", exact=True)
    for number in range(2):
        await star.nth(number).focus()
        await star.nth(number).press("Enter")
    await chat.page.locator("[aria-pressed=true].is-star").nth(1).wait_for()
    tab = await open_tab(chat.page.url)
    await tab.page.locator("[aria-pressed=true].is-star").nth(1).wait_for()
    await tab.composer.fill("Again:")
    await tab.page.get_by_role("button", name="Favourites").click()
    await tab.page.get_by_role("option", name="tea").wait_for()
    await tab.portray("favourites")
    await tab.page.get_by_role("option", name="tea").click()
    await expect(tab.composer).to_have_value("Again:\ntea")
    await chat.page.locator("[aria-pressed=true].is-star").first.click()
    await tab.page.locator("[aria-pressed=true].is-star").nth(1).wait_for(state="detached")
