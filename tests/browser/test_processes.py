"""A chat that is opened at another process of the server: who had it is told, and can take it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

APP = """
import convo

@convo.on_message
async def answer(message: convo.Message):
    await convo.Message(f"You said {message.content}.").send()
"""


async def test_a_chat_that_goes_on_elsewhere_says_so_and_can_be_taken_back(
    serve: Any, open_tab: Any, context: BrowserContext, tmp_path: Path
) -> None:
    settings = {"DATA__URL": f"sqlite:///{tmp_path}/history.db"}
    here, elsewhere = await serve(app=APP, settings=settings), await serve(app=APP, settings=settings)
    chat = await open_tab(here.url)
    await chat.say("hello")
    await chat.sees("You said hello.")
    await chat.page.wait_for_function("() => sessionStorage.getItem('convo:outbox') === null")
    [cookie] = await context.cookies()
    name = f"convo-{elsewhere.port}"  # as behind a balancer, where both have one address
    await context.add_cookies([{"name": name, "value": cookie["value"], "url": elsewhere.url}])

    other = await open_tab(chat.page.url.replace(here.url, elsewhere.url))
    await other.sees("You said hello.")
    await other.say("from there")
    await other.sees("You said from there.")
    await chat.say("from here")
    await chat.sees("This chat was opened elsewhere and goes on there.")
    await chat.shot("taken-over")
    await chat.page.get_by_role("button", name="Continue here").click()
    await chat.sees("You said from here.")
    await chat.sees_not("This chat was opened elsewhere")
    said = [" ".join(text.split()) for text in await chat.answers()]
    assert said == ["You said hello.", "You said from there.", "You said from here."]

    await other.say("there again")
    await other.sees("This chat was opened elsewhere and goes on there.")
    await other.page.reload()
    await other.sees("You said there again.")
    await other.sees("You said from here.")
