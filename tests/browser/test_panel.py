"""The panel that an app opens beside the chat, in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "sidebar.py"


async def test_an_app_opens_fills_and_closes_its_panel(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.say("bread")
    panel = chat.page.get_by_role("complementary", name="Your cart")
    await panel.get_by_text("bread: 3.20").wait_for()
    assert await chat.composer.evaluate("area => area === document.activeElement")  # the app does not take the focus
    await chat.say("tea")
    await panel.get_by_text("tea: 4.50").wait_for()
    await chat.portray("panel-app")
    await chat.page.reload()
    await panel.get_by_text("tea: 4.50").wait_for()
    await panel.get_by_role("button", name="Close the panel").click()
    await panel.wait_for(state="detached")
    await chat.page.reload()
    reopen = chat.page.get_by_role("button", name="Show Your cart")
    await reopen.wait_for()
    assert await panel.count() == 0
    await reopen.click()
    await panel.get_by_text("tea: 4.50").wait_for()
    await chat.say("pay")
    await chat.sees("That is 7.70.")
    await panel.wait_for(state="detached")
    assert await reopen.count() == 0


async def test_on_a_phone_it_is_a_sheet(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.page.set_viewport_size({"width": 390, "height": 844})
    await chat.say("milk")
    sheet = chat.page.get_by_role("dialog", name="Your cart")
    await sheet.get_by_text("milk: 1.40").wait_for()
    await chat.page.keyboard.press("Escape")
    await sheet.wait_for(state="detached")
    await chat.page.get_by_role("button", name="Show Your cart").click()
    await sheet.get_by_text("milk: 1.40").wait_for()
