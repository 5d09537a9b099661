"""Questions in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "asks.py"

SHORT = """
import convo

@convo.on_message
async def ask(message: convo.Message):
    answer = await convo.AskUserMessage("Quick!", timeout=1).send()
    await convo.Message("nobody" if answer is None else answer["output"]).send()
"""


async def test_an_order_is_taken(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.sees("What is your name?")
    await expect(chat.composer).to_have_attribute("placeholder", "Write your answer…")  # it comes after the message
    await chat.page.get_by_role("timer").first.wait_for()
    await chat.portray("ask-text")

    await chat.say("Ada")
    await chat.sees("Hello Ada, what will it be?")
    tea = chat.page.get_by_role("button", name="Tea")
    await tea.wait_for()
    await chat.page.reload()
    await chat.sees("Waiting for your choice")
    other = await open_tab(chat.page.url)
    await other.sees("Waiting for your choice")
    await chat.portray("ask-action")

    await tea.click()
    for tab in (chat, other):
        await tab.sees("Chosen: Tea")
        await tab.sees("Please show me your voucher.")
    await expect(chat.composer).to_be_focused()
    await chat.portray("ask-file")
    voucher = tmp_path / "voucher.pdf"
    voucher.write_bytes(b"%PDF-1.7 voucher")
    wrong = tmp_path / "voucher.txt"
    wrong.write_text("please")
    async with chat.page.expect_file_chooser() as chooser:
        await chat.page.get_by_role("button", name="Choose a file").click()
    await (await chooser.value).set_files(wrong)
    await chat.sees("voucher.txt is not among")
    await chat.page.get_by_role("button", name="Remove voucher.txt").click()
    async with chat.page.expect_file_chooser() as chooser:
        await chat.page.get_by_role("button", name="Choose a file").click()
    await (await chooser.value).set_files(voucher)
    for tab in (chat, other):
        await tab.sees("One tea, on the house.")
        await tab.sees("voucher.pdf")


GIVEN = """
import convo

@convo.on_message
async def ask(message: convo.Message):
    what = "Your **tables**, and `why`?"
    if message.content == "words":
        await convo.AskUserMessage(what, timeout=60).send()
    else:
        files = await convo.AskFileMessage(what, accept=["text/csv"], max_files=2, timeout=60).send()
        await convo.Message("Thanks for " + ", ".join(file.name for file in files)).send()
"""

DROP = """
() => {
    const data = new DataTransfer();
    data.items.add(new File(["a,b"], "a.csv", { type: "text/csv" }));
    data.items.add(new File(["c,d"], "c.csv", { type: "text/csv" }));
    for (const type of ["dragenter", "dragover", "drop"])
        document.querySelector(".ask-files").dispatchEvent(
            new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true })
        );
}
"""


async def test_files_that_are_dropped_answer_the_question(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=GIVEN)).url)
    await chat.say("files")
    await chat.page.get_by_role("button", name="Choose files").wait_for()
    await chat.page.evaluate(DROP)
    await chat.sees("Thanks for a.csv, c.csv")
    await chat.sees_not("Drop files to answer with them")


async def test_a_question_is_told_without_its_marks(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=GIVEN)).url)
    await chat.say("words")
    await chat.page.locator(".ask-question", has_text="You are asked: Your tables, and why?").wait_for()


async def test_a_question_is_skipped(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.sees("What is your name?")
    await chat.page.get_by_role("button", name="Skip", exact=True).first.click()
    await chat.sees("Then another time.")
    await chat.sees("Skipped")


async def test_nobody_answers_in_time(serve: Any, open_tab: Any) -> None:
    server = await serve(app=SHORT)
    chat = await open_tab(server.url)
    await chat.say("ask me")
    await chat.sees("Quick!")
    await chat.composer.fill("too slow")
    await chat.sees("Nobody answered in time")
    await chat.sees("nobody")
    assert await chat.composer.input_value() == "too slow"
