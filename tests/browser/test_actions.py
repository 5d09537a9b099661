"""Buttons in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "actions.py"


async def test_buttons_do_what_they_say(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    greet = chat.page.get_by_role("button", name="Greet Ada")
    await greet.wait_for()
    assert await greet.get_attribute("title") == "Says hello"
    await chat.portray("actions")

    await greet.click()
    await chat.sees("Hello Ada!")
    await chat.page.get_by_role("button", name="Break something").click()
    await chat.sees("“Break something” failed.")
    await chat.portray("actions-failed")
    away = chat.page.get_by_role("button", name="Go away")
    await away.click()
    await away.wait_for(state="detached")
