"""Tool servers, in a real Chromium: connected by the plug, switched, allowed, and seen by every tab."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext

from tests.harness.tool_issuer import issuing

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "tool_server.py"
APP = """
import convo


@convo.on_message
async def answer(message: convo.Message):
    [(session, _)] = convo.context.session.mcp_sessions.values()
    result = await session.call_tool("forecast", {"city": message.content})
    await convo.Message(result.content[0].text).send()
"""
LOST = """
[mcp.servers.nowhere]
command = "no-such-program"
"""


async def test_a_server_is_connected_and_its_tools_are_used(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve("run", str(EXAMPLE))).url)
    page = chat.page
    await page.get_by_role("button", name="Tool servers").click()
    dialog = page.get_by_role("dialog", name="Tool servers")
    server = dialog.get_by_role("listitem", name="units")
    await server.get_by_text("Not connected").wait_for()
    await server.get_by_role("button", name="Connect", exact=True).click()
    await server.get_by_text("Connected", exact=True).wait_for()
    await server.get_by_text("Resources").click()
    await server.get_by_text("By how much each unit is multiplied.").wait_for()
    await chat.portray("mcp")

    switch = server.get_by_role("switch", name="convert")
    assert await switch.is_checked()
    await switch.click()
    await server.get_by_role("switch", name="convert", checked=False).wait_for()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="hidden")
    await chat.say("3 mile")
    await chat.sees("The tool convert is switched off in this chat.")

    await page.reload()
    await page.get_by_role("button", name="Tool servers").click()
    await server.get_by_role("switch", name="convert", checked=False).click()
    await server.get_by_role("switch", name="convert", checked=True).wait_for()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="hidden")
    await chat.say("3 mile")
    await page.get_by_role("button", name="Always in this chat").wait_for()
    await chat.portray("mcp-approval")
    await page.get_by_role("button", name="Always in this chat").click()
    await chat.sees("3 mile = 4.83 km")
    await chat.say("2 foot")
    await chat.sees("2 foot = 0.61 m")

    await page.get_by_role("button", name="Tool servers").click()
    await server.get_by_role("button", name="Disconnect").click()
    await server.get_by_text("Not connected").wait_for()


async def test_a_chat_is_connected_again_after_a_restart(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    running = await serve("run", str(EXAMPLE), settings={"DATA__URL": f"sqlite:///{tmp_path}/history.db"})
    chat = await open_tab(running.url)
    page = chat.page
    await page.get_by_role("button", name="Tool servers").click()
    server = page.get_by_role("listitem", name="units")
    await server.get_by_role("button", name="Connect", exact=True).click()
    await server.get_by_text("Connected", exact=True).wait_for()
    await page.keyboard.press("Escape")
    await chat.say("3 mile")
    await page.get_by_role("button", name="Always in this chat").click()
    await chat.sees("3 mile = 4.83 km")

    await running.restart()
    await page.reload()
    await page.get_by_role("button", name="Tool servers").click()
    await server.get_by_text("Connected", exact=True).wait_for()
    await page.keyboard.press("Escape")
    await chat.say("2 foot")
    await chat.sees("2 foot = 0.61 m")


async def test_a_server_that_cannot_be_had_says_so(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    (tmp_path / "convo.toml").write_text(LOST)
    running = await serve(app="import convo\n\n\n@convo.on_message\nasync def answer(message): ...\n")
    chat = await open_tab(running.url)
    page = chat.page
    await page.get_by_role("button", name="Tool servers").click()
    server = page.get_by_role("listitem", name="nowhere")
    await server.get_by_role("button", name="Connect", exact=True).click()
    await page.get_by_text("The server could not be started.").wait_for()
    assert "no-such-program" not in await page.content()
    await server.get_by_role("button", name="Try again").wait_for()
    await chat.portray("mcp-failed")


async def test_a_user_signs_in_at_a_server_by_the_link_in_the_dialog(
    serve: Any, open_tab: Any, context: BrowserContext, tmp_path: Path
) -> None:
    async with issuing(has_page=True) as (_, url):
        (tmp_path / "convo.toml").write_text(f'[mcp.servers.weather]\nurl = "{url}"\napproval = "allow"\n')
        chat = await open_tab((await serve(app=APP)).url)
        page = chat.page
        await page.get_by_role("button", name="Tool servers").click()
        server = page.get_by_role("listitem", name="weather")
        await server.get_by_role("button", name="Connect", exact=True).click()
        await server.get_by_text("Needs you to sign in").wait_for()
        await chat.portray("mcp-sign-in")

        async with context.expect_page() as opened:
            await server.get_by_role("link", name="Sign in").click()
        there = await opened.value
        await there.get_by_role("heading", name="Weather service").wait_for()
        await there.get_by_role("link", name="Let it in").click()
        await there.wait_for_url("**/thread/*")

        await server.get_by_text("Connected", exact=True).wait_for()
        await page.keyboard.press("Escape")
        await chat.say("Kiel")
        await chat.sees("Rain in Kiel.")


async def test_a_user_brings_a_server_of_his_own(
    serve: Any, open_tab: Any, context: BrowserContext, tmp_path: Path
) -> None:
    async with issuing(has_page=True) as (_, url):
        allowed = "http://127.0.0.1:*"
        (tmp_path / "convo.toml").write_text(
            f'[mcp.own]\nallow = ["{allowed}"]\nallow_private_hosts = true\napproval = "allow"\n'
        )
        chat = await open_tab((await serve(app=APP)).url)
        page = chat.page
        await page.get_by_role("button", name="Tool servers").click()
        dialog = page.get_by_role("dialog", name="Tool servers")
        address = dialog.get_by_role("textbox", name="Address of the server")
        await address.fill("https://elsewhere.example/mcp")
        await address.press("Enter")
        await dialog.get_by_role("alert").get_by_text(f"It allows: {allowed}.").wait_for()
        await chat.portray("mcp-own-refused")

        await address.fill(url)
        await dialog.get_by_role("button", name="Connect", exact=True).click()
        server = dialog.get_by_role("listitem", name="127.0.0.1")
        async with context.expect_page() as opened:
            await server.get_by_role("link", name="Sign in").click()
        there = await opened.value
        await there.get_by_role("link", name="Let it in").click()
        await there.wait_for_url("**/thread/*")
        await server.get_by_text("Connected", exact=True).wait_for()
        assert await address.input_value() == ""
        await chat.portray("mcp-own")
        await page.keyboard.press("Escape")
        await chat.say("Kiel")
        await chat.sees("Rain in Kiel.")

        await page.reload()
        await page.get_by_role("button", name="Tool servers").click()
        await server.get_by_role("button", name="Remove 127.0.0.1").click()
        await server.wait_for(state="detached")


async def test_who_may_not_bring_a_server_is_not_asked_for_one(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve("run", str(EXAMPLE))).url)
    await chat.page.get_by_role("button", name="Tool servers").click()
    dialog = chat.page.get_by_role("dialog", name="Tool servers")
    await dialog.get_by_role("listitem", name="units").wait_for()
    assert await dialog.get_by_role("textbox").count() == 0
