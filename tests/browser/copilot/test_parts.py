"""Parts of the chat that the widget loads when they are first wanted, with a network that is not always there."""

import pytest
from playwright.async_api import expect

from tests.browser.copilot.conftest import Begin

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

APP = """
import convo

@convo.on_chat_start
async def start():
    await convo.ChatSettings([convo.input_widget.TextInput(id="name", label="Your name", initial="Ann")]).send()

@convo.on_message
async def answer(message: convo.Message):
    table = "| fruit | price |\\n|---|---|\\n| apple | 2 |"
    await convo.Message(table if message.content == "table" else f"You said {message.content}.").send()
"""


async def test_offline_nothing_in_the_widget_breaks_and_what_was_wanted_comes_later(begin: Begin) -> None:
    shop = await begin(app=APP)
    await shop.open()
    await shop.say("hello")
    await shop.sees("You said hello.")
    await shop.page.context.set_offline(True)
    await shop.sees("You are offline")
    await shop.page.get_by_role("button", name="Chat settings").click()
    await shop.say("table")
    await shop.page.locator(".outbox", has_text="table").wait_for()
    await shop.page.get_by_role("button", name="New chat", exact=True).click()
    await shop.sees("A message has not been sent yet.")
    await shop.page.get_by_role("button", name="Stay here").click()

    await shop.page.context.set_offline(False)
    await shop.page.get_by_role("dialog", name="Chat settings").get_by_role("textbox", name="Your name").wait_for()
    await shop.page.keyboard.press("Escape")
    await shop.page.get_by_role("cell", name="apple", exact=True).wait_for()
    assert shop.errors == []


async def test_a_widget_whose_server_has_a_newer_version_begins_anew_with_that_and_keeps_the_draft(
    begin: Begin,
) -> None:
    shop = await begin(app=APP)
    await shop.open()
    await shop.say("hello")
    await shop.sees("You said hello.")
    await shop.page.route("**/copilot/0/assets/SettingsDialog-*", lambda route: route.fulfill(status=404))
    await shop.composer.fill("what I am about to say")
    await shop.page.get_by_role("button", name="Chat settings").click()
    await shop.sees("most likely there is a newer version")

    await shop.page.get_by_role("button", name="Reload the page").click()
    await expect(shop.page.get_by_text("newer version")).to_have_count(0)
    await expect(shop.composer).to_have_value("what I am about to say")
    await shop.sees("You said hello.")
    await shop.page.get_by_role("button", name="Chat settings").click()
    await shop.page.get_by_role("dialog", name="Chat settings").wait_for()
    assert shop.errors == []
