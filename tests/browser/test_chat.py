"""The chat in a real Chromium: what a user sees, whatever happens to tab, network and server."""

import asyncio
import re
import signal
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

COUNT = """
import asyncio, convo

@convo.on_message
async def answer(message: convo.Message):
    if message.content.startswith("echo "):
        await convo.Message("heard " + message.content[5:]).send()
        return
    last, pause = (int(part) for part in message.content.split())
    reply = convo.Message()
    for number in range(1, last + 1):
        await reply.stream_token(f"{number} ")
        await asyncio.sleep(pause / 1000)
    await reply.stream_token("finale")
    await reply.update()
"""


async def test_the_hello_app_streams_and_its_steps_nest(serve: Any, open_tab: Any) -> None:
    server = await serve("hello")
    chat = await open_tab(server.url)
    await chat.sees("nested steps, as an agent would show them")
    await chat.say("steps")
    await chat.sees("Research")
    await chat.shot("steps-running")
    await chat.sees("Rome is")
    await chat.sees("how I know.")

    trace = chat.page.get_by_text("Worked through")
    await trace.wait_for()
    await expect(chat.page.locator(".trace-head")).to_have_attribute("aria-expanded", "false")  # soon after the work
    await trace.click()
    await chat.page.get_by_text("Compare", exact=True).wait_for()
    order = re.findall(r"Research|weather|Look up|Compare", await chat.page.locator(".trace").inner_text())
    assert order == ["Research", "weather", "Look up", "weather", "Look up", "Compare"]
    await chat.shot("steps-done")


async def test_stop_keeps_what_was_streamed_and_says_so(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=COUNT)).url)
    await chat.say("1000 20")
    await chat.counted_to(10)
    await chat.page.get_by_role("button", name="Stop").click()
    await chat.sees("Stopped")
    counts = await chat.counts()

    assert counts[-1] >= 10
    assert counts == list(range(1, counts[-1] + 1))
    await chat.say("echo still there")
    await chat.sees("heard still there")
    assert await chat.counts() == counts


async def test_what_waits_when_all_is_stopped_is_in_the_message_box_again(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=COUNT)).url)
    await chat.say("1000 20")
    await chat.counted_to(5)
    for text in ("echo one", "echo two"):
        await chat.say(text)
        await chat.page.get_by_role("button", name=f"Remove “{text}” from the queue").wait_for()
    await chat.composer.fill("half a thought")
    await chat.page.get_by_role("button", name="Stop", exact=True).click()
    await chat.sees("Stopped")
    await expect(chat.composer).to_have_value("echo one\n\necho two\n\nhalf a thought")


async def test_a_reload_in_mid_stream_goes_on_where_it_was(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=COUNT)).url)
    await chat.say("150 20")
    await chat.counted_to(20)
    assert "/thread/" in chat.page.url
    await chat.page.reload()
    await chat.counted_to(40)
    await chat.sees("finale")

    assert await chat.counts() == list(range(1, 151))


async def test_a_second_tab_joins_the_running_stream(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=COUNT)).url)
    await chat.say("150 20")
    await chat.counted_to(20)
    tab = await open_tab(chat.page.url)
    await tab.counted_to(60)
    await asyncio.gather(chat.sees("finale"), tab.sees("finale"))
    await tab.say("echo from the second tab")

    await chat.sees("heard from the second tab")
    assert await tab.counts() == await chat.counts() == list(range(1, 151))


async def test_a_network_cut_in_mid_stream_loses_and_doubles_nothing(serve: Any, open_tab: Any, connect: Any) -> None:
    network = await connect(await serve(app=COUNT))
    chat = await open_tab(network.url)
    await chat.say("300 20")
    await chat.counted_to(20)
    network.cut()
    await chat.sees("Reconnecting")
    await chat.shot("reconnecting")
    await asyncio.sleep(3)  # what is tested: three seconds without a network
    network.mend()
    await chat.sees("finale")

    assert await chat.counts() == list(range(1, 301))
    await chat.sees_not("Reconnecting")


async def test_a_message_sent_during_a_cut_arrives_once(serve: Any, open_tab: Any, connect: Any) -> None:
    network = await connect(await serve(app=COUNT))
    chat = await open_tab(network.url)
    await chat.say("echo before")
    await chat.sees("heard before")
    network.cut()
    await chat.say("echo meanwhile")
    await chat.sees("Waiting for the connection")
    await asyncio.sleep(3)  # what is tested: three seconds without a network
    network.mend()
    await chat.sees("heard meanwhile")
    await chat.sees_not("Waiting for the connection")

    assert await chat.answers() == ["heard before", "heard meanwhile"]


async def test_an_acknowledgement_lost_in_a_cut_sends_nothing_twice(serve: Any, open_tab: Any, connect: Any) -> None:
    network = await connect(await serve(app=COUNT))
    chat = await open_tab(network.url)
    for number in range(5):
        await chat.say(f"echo cut {number}")
        await asyncio.sleep(0.003 * number)
        network.cut()
        network.mend()
        await chat.sees(f"heard cut {number}")

    assert await chat.answers() == [f"heard cut {number}" for number in range(5)]


async def test_a_restart_without_storage_says_what_is_lost(serve: Any, open_tab: Any) -> None:
    server = await serve(app=COUNT)
    chat = await open_tab(server.url)
    await chat.say("1000 20")
    await chat.counted_to(10)
    await server.restart(signal.SIGKILL)
    await chat.sees("did not keep this conversation")
    await chat.sees("Interrupted by a restart")
    await chat.shot("lost")
    banner = await chat.page.locator(".banners").bounding_box()
    assert banner is not None
    assert (banner["x"], banner["width"]) == (0, 1280)

    assert 10 in await chat.counts()
    await chat.page.get_by_role("button", name="Start a new chat").click()
    await chat.sees("How can I help?")
    await chat.say("echo anew")
    await chat.sees("heard anew")


async def test_a_restart_with_storage_keeps_question_and_partial_answer(serve: Any, open_tab: Any) -> None:
    server = await serve(app=COUNT, settings={"DATA__URL": "sqlite:///history.db"})
    chat = await open_tab(server.url)
    await chat.say("1000 20")
    await chat.counted_to(100)
    await server.restart(signal.SIGKILL)
    await chat.sees("Interrupted by a restart")
    await chat.shot("interrupted")

    counts = await chat.counts()
    assert counts == list(range(1, counts[-1] + 1))
    assert counts[-1] >= 30
    await chat.say("echo again")
    await chat.sees("heard again")
    await chat.page.reload()
    await chat.sees("heard again")
    assert "1000 20" in await chat.transcript()


async def test_queued_messages_are_visible_and_can_be_taken_back(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=COUNT)).url)
    await chat.say("500 20")  # seconds, so that the next message waits until it is taken back
    await chat.counted_to(3)
    await chat.say("echo second")
    await chat.sees("Next:")
    await chat.shot("queue")
    await chat.page.get_by_role("button", name="Remove “echo second” from the queue").click()
    await chat.sees_not("Next:")
    await chat.page.wait_for_function("() => document.querySelector('textarea').value === 'echo second'")
    await chat.composer.press("Enter")
    await chat.sees("heard second", timeout=60)


async def test_an_error_shows_an_id_and_the_chat_goes_on(serve: Any, open_tab: Any) -> None:
    server = await serve("hello")
    chat = await open_tab(server.url)
    await chat.say("error")
    await chat.sees("Something went wrong")
    await chat.shot("error")

    error_id = re.search(r"Error (\w{8})", await chat.transcript())
    assert error_id is not None
    await server.said(error_id[1])
    assert "You asked for an error" not in await chat.transcript()
    await chat.say("hello again")
    await chat.sees("You said: hello again")


async def test_a_draft_survives_a_reload(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=COUNT)).url)
    await chat.composer.fill("half a thought")
    await chat.page.wait_for_function(
        "() => Object.values(localStorage).some(value => value.includes('half a thought'))"
    )
    await chat.page.reload()

    await chat.page.wait_for_function("() => document.querySelector('textarea').value === 'half a thought'")


async def test_it_works_at_a_sub_path(serve: Any, open_tab: Any) -> None:
    server = await serve("--root-path", "/tools/chat", app=COUNT)
    chat = await open_tab(server.url + "/tools/chat/")
    await chat.say("echo below")
    await chat.sees("heard below")

    await chat.page.wait_for_url("**/tools/chat/thread/*")
    await chat.page.reload()
    await chat.sees("heard below")


async def test_every_screen_is_accessible(serve: Any, open_tab: Any) -> None:
    server = await serve("hello")
    chat = await open_tab(server.url)
    await chat.sees("nested steps, as an agent")
    await chat.portray("start")
    await chat.say("Tell me")
    await chat.sees("You said: Tell me")
    await chat.page.get_by_role("button", name="Copy answer").nth(1).wait_for()
    await chat.portray("answer")
