"""Long threads in a real Chromium: they open at their end, and what stands above is loaded as one reads up."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

APP = """
import asyncio, convo

@convo.on_message
async def answer(message: convo.Message):
    match message.content.split():
        case ["fill", count]:
            for number in range(int(count)):
                await convo.Message(f"Question {number}", type="user_message").send()
                await convo.Message(f"Answer {number}. " + "It goes on for a while. " * (number % 40)).send()
        case ["count", count]:
            reply = convo.Message()
            for number in range(int(count)):
                await reply.stream_token(f"{number} ")
                await asyncio.sleep(0.01)
            await reply.update()
"""
TURNS = 300

READ = """() => {
    const frame = document.querySelector(".scroll");
    const top = frame.getBoundingClientRect().top;
    const turn = [...document.querySelectorAll(".turn")].find(one => one.getBoundingClientRect().bottom > top + 60);
    const text = turn.querySelector(".bubble")?.textContent ?? turn.textContent.slice(0, 20);
    return [text, turn.getBoundingClientRect().top];
}"""


async def long(serve: Any, open_tab: Any) -> tuple[Any, Any]:
    """A tab that has just opened a long thread, and the server."""
    server = await serve(app=APP)
    writer = await open_tab(server.url)
    await writer.say(f"fill {TURNS}")
    await writer.sees(f"Answer {TURNS - 1}.", timeout=60)
    chat = await open_tab(writer.page.url)
    await writer.page.close()
    await chat.sees(f"Answer {TURNS - 1}.")
    await loaded(chat)
    return server, chat


async def loaded(chat: Any) -> int:
    """How many turns are loaded, once nothing is on its way."""
    await chat.page.locator(".older[aria-busy=true]").wait_for(state="detached")
    await chat.page.evaluate("() => new Promise(done => setTimeout(() => requestIdleCallback(done), 300))")
    return int(await chat.page.locator(".turn").count())


async def to_top(chat: Any) -> None:
    await chat.page.evaluate("document.querySelector('.scroll').scrollTop = 0")


async def test_a_long_thread_opens_at_its_end_and_loads_the_rest_as_one_scrolls_up(serve: Any, open_tab: Any) -> None:
    _, chat = await long(serve, open_tab)
    assert await chat.page.get_by_text(f"Question {TURNS - 1}", exact=True).is_visible()
    assert await loaded(chat) < TURNS / 2

    wheel = chat.page.mouse
    await wheel.move(600, 400)
    for _ in range(400):
        if await chat.page.get_by_text("Question 0", exact=True).count():
            break
        await wheel.wheel(0, -2000)
        await chat.page.wait_for_timeout(30)
    await loaded(chat)
    await to_top(chat)

    said = await chat.page.locator(".bubble").all_text_contents()
    numbers = [int(text.split()[1]) for text in said if "Question" in text]
    assert numbers == list(range(TURNS))
    assert await chat.page.get_by_role("button", name="earlier messages").count() == 0


async def test_the_view_stays_where_it_is_while_older_messages_come_and_an_answer_is_written(
    serve: Any, open_tab: Any
) -> None:
    _, chat = await long(serve, open_tab)
    await chat.say("count 300")
    await chat.counted_to(3)
    count = await chat.page.locator(".turn").count()
    await chat.page.evaluate("document.querySelector('.scroll').scrollTop = 700")
    before = await chat.page.evaluate(READ)
    await chat.page.wait_for_function("n => document.querySelectorAll('.turn').length > n + 20", arg=count)
    await loaded(chat)

    text, top = await chat.page.evaluate(READ)
    assert text == before[0]
    assert abs(top - before[1]) < 3
    await chat.counted_to(299)
    assert await chat.counts(-1) == list(range(300))


async def test_earlier_messages_are_loaded_by_keyboard_and_the_focus_stays(serve: Any, open_tab: Any) -> None:
    _, chat = await long(serve, open_tab)
    button = chat.page.get_by_role("button", name="Load earlier messages")
    for _ in range(12):
        count = await loaded(chat)
        if await button.count() == 0:
            break
        await button.focus()
        await chat.page.keyboard.press("Enter")
        await chat.page.wait_for_function("n => document.querySelectorAll('.turn').length > n", arg=count)

    await expect(chat.page.get_by_text("Question 0", exact=True)).to_have_count(1)
    await expect(chat.page.locator(".scroll")).to_be_focused()
    await expect(chat.page.get_by_role("status").filter(has_text="Earlier messages are loaded.")).to_have_count(1)


async def test_a_page_that_cannot_be_loaded_says_so_and_can_be_asked_for_again(serve: Any, open_tab: Any) -> None:
    server = await serve(app=APP)
    writer = await open_tab(server.url)
    await writer.say(f"fill {TURNS}")
    await writer.sees(f"Answer {TURNS - 1}.", timeout=60)
    context = writer.page.context
    refuse = True

    def wire(route: Any) -> None:
        upstream = route.connect_to_server()

        def up(message: str) -> None:
            if refuse and (ask := re.match(r'42(\d+)\["command",(.*"kind":"page".*)', message)):
                route.send(f'43{ask[1]}[{{"id":"x","error":{{"code":"unavailable","text":"Not just now."}}}}]')
            else:
                upstream.send(message)

        route.on_message(up)

    await context.route_web_socket(re.compile("socket.io"), wire)
    chat = await open_tab(writer.page.url)
    await writer.page.close()
    await chat.sees(f"Answer {TURNS - 1}.")
    await loaded(chat)
    await to_top(chat)
    await chat.sees("Earlier messages could not be loaded: Not just now.")
    await to_top(chat)
    await chat.portray("older-failed")
    count = await loaded(chat)
    refuse = False
    await chat.page.get_by_role("button", name="Try again").click()
    await chat.page.wait_for_function("n => document.querySelectorAll('.turn').length > n", arg=count)
    await chat.sees_not("could not be loaded")


async def test_a_tab_that_was_away_keeps_what_it_had_loaded(serve: Any, open_tab: Any) -> None:
    server, chat = await long(serve, open_tab)
    count = await loaded(chat)
    await to_top(chat)
    await chat.page.wait_for_function("n => document.querySelectorAll('.turn').length > n", arg=count)
    await loaded(chat)
    before = await chat.page.locator(".turn").count()
    await chat.page.context.set_offline(True)
    await chat.sees("You are offline")
    other = await chat.page.context.new_page()
    await chat.page.context.set_offline(False)
    await other.close()
    await chat.sees_not("You are offline")
    await chat.say("count 3")
    await chat.counted_to(2)

    assert await loaded(chat) >= before
    assert server.complaints == []
