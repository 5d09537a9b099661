"""A chat that one person shares and another reads, in two browsers."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from convo_ui.languages import languages
from playwright.async_api import Browser, expect

from tests.browser.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SETTINGS = {
    "DATA__URL": "sqlite:///history.db",
    "PROJECT__NAME": "Atlas Support",
    "FEATURES__ALLOW_THREAD_SHARING": "true",
}
APP = """
import asyncio
import convo

@convo.on_message
async def answer(message):
    convo.user_session.set("key", "s3cret")
    async with convo.Step("search", type="tool") as step:
        step.input = message.content
        step.output = f"Looked for {message.content}."
    if message.content.startswith("slow"):
        reply = convo.Message("")
        for number in range(60):
            await reply.stream_token(f"{number} ")
            await asyncio.sleep(0.05)
        await reply.send()
        return
    elements = [convo.Text(name="notes", content=f"Notes about {message.content}.", display="inline")]
    actions = [convo.Action(name="go", label="Press me", payload={})]
    text = f"You said {message.content}.\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |"
    await convo.Message(text, elements=elements, actions=actions).send()

@convo.action_callback("go")
async def go(action):
    pass
"""

Visit = Callable[[str], Awaitable[Chat]]


@pytest.fixture
async def visit(chromium: Browser) -> AsyncIterator[Visit]:
    """Opens an address as somebody who was never here."""
    chats: list[Chat] = []
    contexts = []

    async def visit(url: str, **options: Any) -> Chat:
        context = await chromium.new_context(
            viewport={"width": 1280, "height": 860}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        chat = Chat(await context.new_page())
        chats.append(chat)
        await chat.page.goto(url)
        return chat

    yield visit
    for context in contexts:
        await context.close()
    for chat in chats:
        assert chat.complaints == []
        assert all(host.startswith("127.0.0.1") for host in chat.hosts), chat.hosts


def window(chat: Chat) -> Any:
    return chat.page.get_by_role("dialog", name="Share this chat")


async def share(chat: Chat, kind: str) -> str:
    """Makes a link by the open window; its address."""
    await window(chat).get_by_role("radio", name=kind).check(force=True)
    count = await window(chat).get_by_role("listitem").count()
    await window(chat).get_by_role("button", name="Create link").click()
    await window(chat).get_by_role("listitem").nth(count).wait_for()
    field = window(chat).get_by_role("textbox", name=f"Link to this chat: {kind}").first
    return str(await field.input_value())


async def test_a_stranger_reads_a_live_chat_as_it_grows_until_its_owner_takes_the_link_back(
    serve: Any, open_tab: Any, visit: Visit
) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    owner = await open_tab(server.url)
    assert await owner.page.get_by_role("button", name="Share this chat").count() == 0
    await owner.say("tea or coffee")
    await owner.sees("You said tea or coffee.")
    await owner.page.get_by_role("button", name="Share this chat").click()
    await window(owner).get_by_text("Nobody can read this chat but you.").wait_for()
    await owner.portray("share-none")
    await share(owner, "Snapshot")
    address = await share(owner, "Live")
    assert re.fullmatch(rf"{re.escape(server.url)}/share/[\w-]{{32}}", address)
    await owner.portray("share-links")
    await owner.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await window(owner).get_by_role("button", name="Copy link").first.click()
    await window(owner).get_by_role("button", name="Copied").wait_for()
    assert await owner.clipboard() == address
    await owner.page.keyboard.press("Escape")
    await owner.page.get_by_role("navigation", name="Chats").get_by_text("others can read it").wait_for()

    stranger = await visit(address)
    await stranger.sees("You said tea or coffee.")
    await stranger.page.get_by_text("Live", exact=True).wait_for()
    await stranger.page.get_by_text("Notes about tea or coffee.").wait_for()
    await expect(stranger.page).to_have_title("tea or coffee · Atlas Support")
    for role, name in (
        ("textbox", "Message"),
        ("button", "Press me"),
        ("button", "Answer again"),
        ("button", "Edit message"),
        ("button", "Good answer"),
        ("button", "Share this chat"),
        ("navigation", "Chats"),
    ):
        assert await stranger.page.get_by_role(role, name=name).count() == 0, name
    await expect(stranger.page.get_by_role("button", name="Copy answer")).to_have_count(1)
    await stranger.portray("shared-live")

    await owner.say("slow answer")
    await stranger.sees("0 1 2 3 4 5")
    await owner.page.get_by_role("button", name="Share this chat; others can read it by a link").click()
    stop = window(owner).get_by_role("button", name=re.compile("Stop sharing: Live"))
    await stop.wait_for()
    began = time.monotonic()
    await stop.click()
    await stranger.page.get_by_role("heading", name="This chat is no longer shared").wait_for(timeout=5000)
    assert time.monotonic() - began < 5
    await stranger.sees_not("You said tea or coffee.")
    assert "tea or coffee" not in await stranger.page.content()
    await stranger.portray("shared-revoked")
    await expect(window(owner).get_by_role("listitem")).to_have_count(1)
    await stranger.page.reload()
    await stranger.page.get_by_role("heading", name="This chat is no longer shared").wait_for()
    assert server.complaints == []


async def test_a_snapshot_stays_as_it_was_and_is_read_by_keyboard(serve: Any, open_tab: Any, visit: Visit) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    owner = await open_tab(server.url)
    await owner.say("tea or coffee")
    await owner.sees("You said tea or coffee.")
    options = owner.page.get_by_role("button", name="Options for tea or coffee")
    await options.click()
    await owner.page.get_by_role("menuitem", name="Share").press("Enter")
    await window(owner).get_by_text("Nobody can read this chat but you.").wait_for()
    await window(owner).get_by_role("radio", name="Snapshot").focus()
    await owner.page.keyboard.press("ArrowDown")
    await expect(window(owner).get_by_role("radio", name="Live")).to_be_checked()
    await owner.page.keyboard.press("ArrowUp")
    await owner.page.keyboard.press("Tab")
    await owner.page.keyboard.press("Enter")
    field = window(owner).get_by_role("textbox", name="Link to this chat: Snapshot")
    await field.wait_for()
    await expect(field).to_be_focused()
    assert await field.evaluate("field => field.selectionEnd > 30")
    address = await field.input_value()
    await owner.page.keyboard.press("Escape")
    await owner.page.wait_for_function("() => document.activeElement?.ariaLabel?.startsWith('Options for')")
    await owner.say("apples")
    await owner.sees("You said apples.")

    stranger = await visit(address)
    await stranger.sees("You said tea or coffee.")
    await stranger.page.get_by_text(re.compile("Snapshot of ")).wait_for()
    assert "apples" not in await stranger.page.content()
    await stranger.page.locator(".trace").first.wait_for()
    await stranger.portray("shared-snapshot")
    await owner.page.get_by_role("button", name="Options for tea or coffee").click()
    await owner.page.get_by_role("menuitem", name="Delete").click()
    await stranger.page.get_by_role("heading", name="There is no chat here").wait_for()
    await stranger.portray("shared-missing")
    await stranger.page.get_by_role("link", name="Go to Atlas Support").click()
    await stranger.composer.wait_for()
    assert server.complaints == []


async def log_in(chat: Chat, name: str) -> None:
    await chat.page.get_by_label("User name or e-mail").fill(name)
    await chat.page.get_by_label("Password", exact=True).fill("sesame")
    await chat.page.get_by_role("button", name="Sign in", exact=True).click()


async def test_where_people_log_in_a_link_is_read_by_who_has_done_so(serve: Any, visit: Visit) -> None:
    """And the app says by which users; the owner's other chats, and this one's composer, stay his."""
    app = (
        APP
        + """
@convo.password_auth_callback
def check(name, password):
    return convo.User(name, metadata={"team": "blue" if name in ("ada", "bob") else "red"})

@convo.on_shared_thread_view
def may(thread, viewer):
    return viewer is not None and viewer.metadata["team"] == "blue"
"""
    )
    server = await serve(app=app, settings=SETTINGS | {"AUTH__SECRET": "a secret that only this test knows, of length"})
    owner = await visit(server.url)
    await log_in(owner, "ada")
    await owner.say("tea or coffee")
    await owner.sees("You said tea or coffee.")
    own = owner.page.url
    await owner.page.get_by_role("button", name="Share this chat").click()
    address = await share(owner, "Live")
    await owner.page.keyboard.press("Escape")

    bob = await visit(address)
    await bob.page.get_by_role("heading", name="Sign in to Atlas Support").wait_for()
    assert "tea" not in await bob.page.inner_text("body")
    await log_in(bob, "bob")
    await bob.sees("You said tea or coffee.")
    assert bob.page.url == address
    assert await bob.page.get_by_role("textbox", name="Message").count() == 0
    await owner.say("and cake")
    await bob.sees("You said and cake.")

    red = await visit(address)
    await log_in(red, "carl")
    await red.page.get_by_role("heading", name="There is no chat here").wait_for()
    assert "tea" not in await red.page.inner_text("body")
    await bob.page.goto(own)
    await bob.page.wait_for_load_state("networkidle")
    assert "tea" not in await bob.page.inner_text("body"), "the link is to what is shared, and to no chat of his"

    await bob.page.goto(address)
    await bob.sees("You said and cake.")
    await bob.page.context.clear_cookies()
    await bob.page.reload()
    await bob.page.get_by_role("heading", name="Sign in to Atlas Support").wait_for()
    assert "tea" not in await bob.page.inner_text("body")
    assert server.complaints == []


async def test_where_chats_are_not_shared_no_button_says_so_and_a_link_is_told(
    serve: Any, open_tab: Any, visit: Visit
) -> None:
    settings = {name: value for name, value in SETTINGS.items() if "SHARING" not in name}
    server = await serve(app=APP, settings=settings)
    owner = await open_tab(server.url)
    await owner.say("tea")
    await owner.sees("You said tea.")
    await owner.page.get_by_role("navigation", name="Chats").get_by_role("link", name="tea").wait_for()
    assert await owner.page.get_by_role("button", name=re.compile("Share")).count() == 0
    await owner.page.get_by_role("button", name="Options for tea").click()
    await owner.page.get_by_role("menuitem", name="Rename").wait_for()
    assert await owner.page.get_by_role("menuitem", name="Share").count() == 0
    stranger = await visit(f"{server.url}/share/nothing")
    await stranger.page.get_by_role("heading", name="Chats are not shared here").wait_for()
    assert server.complaints == []


async def test_what_is_shared_is_read_in_the_language_of_who_reads_it(serve: Any, open_tab: Any, visit: Visit) -> None:
    server = await serve(app=APP, settings=SETTINGS)
    owner = await open_tab(server.url)
    await owner.say("tea or coffee")
    await owner.sees("You said tea or coffee.")
    await owner.page.get_by_role("button", name="Share this chat").click()
    address = await share(owner, "Live")

    for locale, tag, direction in (("de-AT", "de", "ltr"), ("ar", "ar", "rtl")):
        words = languages().read(tag)
        stranger = await visit(address, locale=locale)
        await stranger.sees("You said tea or coffee.")
        await stranger.page.get_by_text(words["sharing"]["badge"]["live"], exact=True).wait_for()
        await stranger.page.get_by_role("button", name=words["message"]["copy"]).wait_for()
        html = stranger.page.locator("html")
        assert (await html.get_attribute("lang"), await html.get_attribute("dir")) == (tag, direction)

        lost = await visit(f"{server.url}/share/{'x' * 32}", locale=locale)
        await lost.page.get_by_role("heading", name=words["sharing"]["missingTitle"]).wait_for()
