"""The text of an answer in a real Chromium."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "markdown.py"


async def ask(serve: Any, open_tab: Any, text: str) -> Any:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await chat.say(text)
    await chat.page.get_by_role("button", name="Copy answer").wait_for()
    return chat


async def saved(chat: Any, name: str) -> tuple[str, str]:
    """Presses a button; the name and the text of the file that comes."""
    async with chat.page.expect_download() as download:
        await chat.page.get_by_role("button", name=name).click()
    file = await download.value
    return file.suggested_filename, Path(await file.path()).read_text("utf-8")


async def test_formulas_are_set(serve: Any, open_tab: Any) -> None:
    chat = await ask(serve, open_tab, "math")
    await chat.page.locator(".formula.is-display .katex").nth(1).wait_for()
    await expect(chat.page.locator(".katex")).to_have_count(4)
    assert "tickets are $5 and $10." in await chat.transcript()
    await chat.page.wait_for_function("() => document.fonts.check('16px KaTeX_Math')")
    await chat.portray("text-math")

    # What is selected is copied as it would be written, formulas too.
    await chat.page.evaluate("getSelection().selectAllChildren(document.querySelector('main .markdown > p'))")
    await chat.page.keyboard.press("Control+c")
    copied = await chat.clipboard()
    assert copied.startswith(r"Within a line \(e^{i\pi} + 1 = 0\) or $a^2 + b^2 = c^2$, and never a price")


async def test_a_diagram_is_drawn_and_a_wrong_one_shows_its_source(serve: Any, open_tab: Any) -> None:
    chat = await ask(serve, open_tab, "diagram")
    image = chat.page.locator(".diagram img")
    await image.wait_for()
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth > 300)")
    assert "Search the tickets" in await image.get_attribute("alt")
    await chat.portray("text-diagram")
    name, svg = await saved(chat, "Download as SVG")
    assert name == "diagram.svg"
    assert svg.startswith("<svg")
    assert "foreignObject" not in svg
    light = await image.get_attribute("src")
    await chat.page.emulate_media(color_scheme="dark")
    await chat.page.wait_for_function("before => document.querySelector('.diagram img')?.src !== before", arg=light)
    await chat.page.get_by_role("button", name="Show the source").click()
    await chat.sees("flowchart LR")
    assert (await chat.copied("Copy")).startswith("flowchart LR")


WRONG = r'''
import convo

@convo.on_message
async def answer(message: convo.Message):
    await convo.Message(r"""
```mermaid
flowchart LR
  a -->
```

```mermaid
%%{init: {"securityLevel": "loose", "htmlLabels": true, "flowchart": {"htmlLabels": true}}}%%
flowchart LR
  a["<img src=x onerror='parent.postMessage(1)'><b>bold</b>"] --> b
  click a "javascript:alert(1)"
```

\(\frac{1\) and \(\notacommand\)

![A map](missing.png)

The end.
""").send()
'''


async def test_what_fails_takes_nothing_with_it(serve: Any, open_tab: Any) -> None:
    server = await serve(app=WRONG)
    chat = await open_tab(server.url)
    # What a diagram tries while it is measured is stopped by the policy of the frame that draws.
    chat.foreseen += ("inline event handler",)
    await chat.say("go")
    await chat.sees("The end.")
    await chat.sees("This diagram cannot be drawn.")
    await chat.page.locator(".formula > .failed").nth(1).wait_for()
    await chat.sees("Image could not be loaded: A map")
    image = chat.page.locator(".diagram img")
    await image.wait_for()
    _, svg = await saved(chat, "Download as SVG")
    assert not re.search(r"foreignObject|<script|javascript:|onerror=", svg)
    await chat.portray("text-failed")


async def test_a_table_is_taken_elsewhere(serve: Any, open_tab: Any) -> None:
    chat = await ask(serve, open_tab, "table")
    assert (await chat.copied("Copy")).startswith("| Region | Lost |")
    assert (await chat.copied("Copy for a spreadsheet")).startswith("Region\tLost\tChurn")
    name, text = await saved(chat, "Download as CSV")
    assert name == "table.csv"
    assert text.removeprefix("\ufeff").splitlines()[1] == "DACH,214,6.1 %,19 h,Ada Lovelace,1 December"
    await chat.portray("text-table")


async def test_code_is_downloaded_by_its_name(serve: Any, open_tab: Any) -> None:
    chat = await ask(serve, open_tab, "code")
    name, text = await saved(chat, "Download as churn.py")
    assert (name, text[:9]) == ("churn.py", "def churn")
    await chat.portray("text-code")


async def test_callouts_and_details(serve: Any, open_tab: Any) -> None:
    chat = await ask(serve, open_tab, "notes")
    await expect(chat.page.get_by_role("note")).to_have_count(2)
    code = chat.page.get_by_text("select count(*)")
    assert not await code.is_visible()
    await chat.page.get_by_text("How this was counted", exact=True).press("Enter")
    await code.wait_for()
    await chat.portray("text-notes")


async def test_sources_and_footnotes_show_what_they_are(serve: Any, open_tab: Any) -> None:
    chat = await ask(serve, open_tab, "sources")
    source = chat.page.get_by_role("link", name="Source 1: Backlog and churn, 2025")
    await source.hover()
    await chat.page.get_by_role("tooltip").get_by_text("example.com").wait_for()
    await chat.portray("text-sources")
    await chat.page.keyboard.press("Escape")
    await chat.page.get_by_role("tooltip").wait_for(state="detached")
    before = chat.page.url
    mark = chat.page.get_by_role("link", name="1, footnote")
    await mark.click()
    await expect(chat.page.locator(":focus")).to_have_text(re.compile("^Older than most"))
    await chat.page.get_by_role("button", name="Back to where footnote 1 stands").click()
    await expect(mark).to_be_focused()
    assert chat.page.url == before


async def test_it_all(serve: Any, open_tab: Any) -> None:
    chat = await ask(serve, open_tab, "everything")
    await chat.page.locator(".diagram img").wait_for()
    await chat.page.locator(".katex").nth(3).wait_for()
    answer = await chat.copied("Copy answer")
    assert answer.startswith("## Math")
    assert "```mermaid" in answer
    await chat.page.emulate_media(media="print")
    await chat.shot("text-print")
    assert not await chat.composer.is_visible()
