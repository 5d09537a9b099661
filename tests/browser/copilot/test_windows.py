"""What opens above the chat, within the widget."""

from typing import Any

import pytest

from tests.browser.conftest import SHOTS
from tests.browser.copilot.conftest import Begin

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LIVELY = """
import convo

@convo.on_message
async def answer(message):
    if message.content == "toast":
        await convo.context.emitter.send_toast("The kettle is on.", "warning")
    await convo.Message(f"You said {message.content}.", elements=[
        convo.Image(name="square", content=SQUARE, display="inline")]).send()

@convo.on_feedback
async def rated(feedback): ...

import base64
SQUARE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""


async def test_history_new_chats_and_settings_open_within_the_widget(begin: Begin) -> None:
    shop = await begin()
    await shop.open()
    await shop.say("first words")
    await shop.sees("and that is all.")
    before = await shop.heard("ready")
    await shop.page.evaluate("chat.newThread()")
    await shop.page.wait_for_function(
        "id => heard.some((one) => one.name === 'ready' && one.thread !== id)", arg=before["thread"]
    )
    await (
        shop.page.get_by_role("button", name="Open the list of chats")
        .or_(shop.page.get_by_role("button", name="Chats"))
        .first.click()
    )
    await shop.page.get_by_role("link", name="first words").first.click()
    await shop.sees("and that is all.")
    await shop.composer.press("Control+k")
    await shop.page.get_by_role("dialog").get_by_role("combobox").first.wait_for()
    assert await shop.page.evaluate("document.body.querySelector('dialog') === null")
    await shop.page.keyboard.press("Escape")
    assert shop.errors == []


async def test_what_opens_above_the_chat_stays_within_the_widget(begin: Begin) -> None:
    shop = await begin(app=LIVELY)
    page = shop.page
    outside = "document.querySelector('dialog, [role=menu], [role=status], [role=alert], .toast, .lightbox') === null"
    await shop.open()
    await shop.say("toast")
    toast = page.get_by_role("alert").filter(has_text="The kettle is on.")
    await toast.wait_for()
    box = await page.locator("convo-widget").evaluate(
        "(one) => { const at = (name) => one.shadowRoot.querySelector(name).getBoundingClientRect().toJSON();"
        " return [at('.widget-panel'), at('.toast')]; }"
    )
    panel, card = box
    assert panel["left"] <= card["left"]
    assert card["right"] <= panel["right"]
    assert card["bottom"] <= panel["bottom"]
    await page.screenshot(path=SHOTS / "copilot-toast.png")
    assert await page.evaluate(outside)
    assert await shop.violations() == []
    await page.get_by_role("button", name="Dismiss").click()
    await toast.wait_for(state="detached")

    await page.get_by_role("button", name="square").click()
    lightbox = page.get_by_role("dialog", name="Pictures")
    await lightbox.wait_for()
    assert await page.evaluate(outside)
    await page.screenshot(path=SHOTS / "copilot-lightbox.png")
    await page.keyboard.press("Escape")
    await lightbox.wait_for(state="detached")

    await page.get_by_role("button", name="Good answer").click()
    await page.screenshot(path=SHOTS / "copilot-feedback.png")
    assert await page.evaluate(outside)
    assert await shop.violations() == []

    await page.get_by_role("button", name="Chats").first.click()
    await page.get_by_role("navigation", name="Chats").get_by_role("button", name="Options").first.click()
    menu = page.get_by_role("menu")
    await menu.wait_for()
    await page.screenshot(path=SHOTS / "copilot-menu.png")
    assert await page.evaluate(outside)
    await menu.get_by_role("menuitem", name="Rename").click()
    await page.get_by_role("navigation", name="Chats").get_by_role("textbox").and_(page.locator(":focus")).wait_for()
    await page.keyboard.type("Kettle")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Kettle").wait_for()
    await page.screenshot(path=SHOTS / "copilot-renamed.png")
    assert shop.errors == []


async def test_a_chat_is_shared_from_the_widget(begin: Begin, context: Any, chromium: Any) -> None:
    shop = await begin(FEATURES__ALLOW_THREAD_SHARING="true")
    page = shop.page
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await shop.open()
    await shop.say("for all to read")
    await shop.sees("and that is all.")
    await shop.composer.press("Control+k")
    await page.get_by_role("dialog").get_by_role("combobox").first.fill("share")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Share this chat")
    assert await page.evaluate("document.querySelector('dialog') === null")
    await dialog.get_by_role("button", name="Create link").click()
    field = dialog.get_by_role("textbox", name="Link to this chat: Snapshot")
    address = await field.input_value()
    await dialog.get_by_role("button", name="Copy link").click()
    await dialog.get_by_role("button", name="Copied").wait_for()
    assert await page.evaluate("navigator.clipboard.readText()") == address
    assert await shop.violations() == []
    await page.screenshot(path=SHOTS / "copilot-share.png")

    stranger = await chromium.new_context()
    tab = await stranger.new_page()
    await tab.goto(address)
    await tab.get_by_text("for all to read").filter(visible=True).first.wait_for()
    await dialog.get_by_role("button", name="Stop sharing: Snapshot").click()
    await dialog.get_by_text("Nobody can read this chat but you.").wait_for()
    await tab.reload()
    await tab.get_by_role("heading", name="This chat is no longer shared").wait_for()
    await stranger.close()
    assert shop.errors == []
