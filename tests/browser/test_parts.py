"""Parts of the page that are loaded when they are first wanted, in a Chromium whose network is not always there."""

from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

APP = '''
import convo

RICH = """
```python
def first(): return "the first"
```

```mermaid
graph LR; Here --> There
```

It is $a^2 + b^2$.
"""

@convo.on_chat_start
async def start():
    await convo.ChatSettings([convo.input_widget.TextInput(id="name", label="Your name", initial="Ann")]).send()

@convo.on_message
async def answer(message: convo.Message):
    async with convo.Step(name="Look it up", type="tool") as step:
        step.output = "found"
    await convo.Message(RICH if message.content == "rich" else f"You said {message.content}.").send()
'''


LOCKED = """
import convo

@convo.password_auth_callback
def check(name: str, password: str) -> convo.User | None:
    return None

@convo.on_message
async def answer(message: convo.Message): ...
"""
SIGN_IN = {"AUTH__SECRET": "a secret that only this test knows, of some length", "DATA__URL": "sqlite:///history.db"}


async def begun(open_tab: Any, url: str) -> Any:
    """A chat in which something has been said and answered."""
    chat = await open_tab(url)
    await chat.say("hello")
    await chat.sees("You said hello.")
    return chat


async def loaded(chat: Any, *parts: str) -> None:
    """Waits until the page has loaded what it loads by itself."""
    for part in parts:
        await chat.page.wait_for_function(
            "part => performance.getEntriesByType('resource').some(({ name }) => name.includes(`/assets/${part}-`))",
            arg=part,
        )


def button(chat: Any, name: str) -> Any:
    return chat.page.get_by_role("button", name=name, exact=True)


def dialog(chat: Any, name: str) -> Any:
    return chat.page.get_by_role("dialog", name=name)


async def test_offline_a_first_click_on_anything_costs_nothing_and_does_what_it_should_later(
    serve: Any, open_tab: Any
) -> None:
    chat = await begun(open_tab, (await serve(app=APP)).url)
    await chat.page.context.set_offline(True)
    await chat.sees("You are offline")
    await chat.page.get_by_role("button", name="Open the trace").first.click()
    await button(chat, "Chat settings").click()
    await chat.say("kept")
    await chat.page.locator(".outbox", has_text="kept").wait_for()
    await expect(chat.page.locator(".answer")).to_contain_text("You said hello.")
    assert not await dialog(chat, "Chat settings").is_visible()

    await chat.page.context.set_offline(False)
    await dialog(chat, "Chat settings").get_by_role("textbox", name="Your name").wait_for()
    await chat.page.keyboard.press("Escape")
    # Its styles failed with it, and are there with it.
    await expect(chat.page.locator(".tracing")).to_have_css("display", "grid")
    await chat.sees("You said kept.")


async def test_a_part_comes_when_the_server_is_there_again_though_the_browser_was_online_all_along(
    serve: Any, connect: Any, open_tab: Any
) -> None:
    network = await connect(await serve(app=APP))
    chat = await begun(open_tab, network.url)
    network.cut()
    await chat.sees("Connection lost")
    await button(chat, "Chat settings").click()
    await chat.say("kept")
    await chat.page.locator(".outbox", has_text="kept").wait_for()
    network.mend()
    await dialog(chat, "Chat settings").wait_for()
    await chat.sees("You said kept.")
    assert await chat.page.get_by_text("newer version").count() == 0


async def test_offline_a_new_chat_asks_at_once_what_to_do_with_an_unsent_message(serve: Any, open_tab: Any) -> None:
    chat = await begun(open_tab, (await serve(app=APP)).url)
    await chat.page.context.set_offline(True)
    await chat.say("kept")
    await chat.page.locator(".outbox", has_text="kept").wait_for()
    await button(chat, "New chat").click()
    await dialog(chat, "Begin a new chat?").get_by_text("A message has not been sent yet.").wait_for()
    await button(chat, "Stay here").click()
    await chat.page.context.set_offline(False)
    await chat.sees("You said kept.")


async def test_what_is_needed_offline_was_loaded_in_calm_time(serve: Any, open_tab: Any) -> None:
    chat = await begun(open_tab, (await serve(app=APP)).url)
    await loaded(chat, "Palette", "Shortcuts", "Editor")
    await chat.page.context.set_offline(True)
    await chat.sees("You are offline")
    await chat.page.get_by_role("region", name="Conversation").focus()
    await chat.page.keyboard.press("?")
    await dialog(chat, "Keyboard shortcuts").wait_for()
    await chat.page.keyboard.press("Escape")
    await chat.page.keyboard.press("Control+k")
    await chat.page.get_by_role("combobox", name="Search and commands").wait_for()
    await chat.page.keyboard.press("Escape")
    await chat.page.locator(".user").hover()
    await button(chat, "Edit message").click()
    await chat.page.get_by_role("textbox", name="Your message").wait_for()


async def test_a_part_that_a_newer_version_no_longer_has_is_told_and_a_reload_keeps_the_draft(
    serve: Any, open_tab: Any
) -> None:
    chat = await begun(open_tab, (await serve(app=APP)).url)
    gone = "**/assets/SettingsDialog-*"
    await chat.page.route(gone, lambda route: route.fulfill(status=404))
    await chat.composer.fill("what I am about to say")
    await button(chat, "Chat settings").click()
    await chat.sees("most likely there is a newer version")
    await chat.portray("outdated")
    assert await chat.composer.input_value() == "what I am about to say"

    await button(chat, "Reload the page").click()
    await chat.sees_not("newer version")
    await expect(chat.composer).to_have_value("what I am about to say")
    await chat.sees("You said hello.")
    await chat.page.unroute(gone)
    await button(chat, "Chat settings").click()
    await dialog(chat, "Chat settings").wait_for()


async def test_an_answer_is_read_plain_until_what_colours_sets_and_draws_can_be_had(serve: Any, open_tab: Any) -> None:
    chat = await begun(open_tab, (await serve(app=APP)).url)
    files = "**/{assets,copilot,frames}/**"
    await chat.page.route(files, lambda route: route.abort())
    await chat.say("rich")
    answer = chat.page.locator(".answer").last
    await expect(answer).to_contain_text('def first(): return "the first"')
    await expect(answer).to_contain_text("Here --> There")
    await expect(answer).to_contain_text("$a^2 + b^2$")

    await chat.page.unroute(files)
    await answer.locator("code span").first.wait_for()
    await answer.locator(".katex").first.wait_for()
    await answer.get_by_role("img").first.wait_for()


async def test_where_people_sign_in_a_server_that_goes_away_is_said_of_and_asked_again(
    serve: Any, context: Any
) -> None:
    server = await serve(app=LOCKED, settings=SIGN_IN)
    page = await context.new_page()
    for lost in ("**/api/v1/auth", "**/assets/Unreached-*"):
        await page.route(lost, lambda route: route.abort())
    await page.goto(server.url)
    await page.get_by_text("The server did not answer.").wait_for()
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await page.get_by_role("heading", name="Sign in to Assistant").wait_for()
