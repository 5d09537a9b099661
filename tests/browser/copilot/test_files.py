"""Files that a reader of the widget hands over."""

import pytest

from tests.browser.copilot.conftest import Begin
from tests.harness.model_server import PIXEL

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

TAKES = """
import convo

@convo.on_message
async def take(message):
    if message.content == "ask":
        files = await convo.AskFileMessage("A file, please", accept=["text/plain"], timeout=60).send()
        await convo.Message(f"{files[0].name} has {files[0].size} bytes.").send()
    else:
        await convo.Message(f"You sent {', '.join(one.name for one in message.elements)}.").send()
"""


async def test_files_are_chosen_for_an_ask_and_for_a_message(begin: Begin) -> None:
    shop = await begin(app=TAKES)
    page = shop.page
    await shop.open()
    await shop.say("ask")
    async with page.expect_file_chooser() as chosen:
        await page.get_by_role("button", name="Choose a file").click()
    await (await chosen.value).set_files({"name": "list.txt", "mimeType": "text/plain", "buffer": b"tea"})
    await shop.sees("list.txt has 3 bytes.")

    async with page.expect_file_chooser() as chosen:
        await page.get_by_role("button", name="Attach files").click()
    await (await chosen.value).set_files(
        [{"name": name, "mimeType": "text/plain", "buffer": b"milk"} for name in ("one.txt", "two.txt")]
    )
    await page.locator(".attachment.is-done").nth(1).wait_for()
    await shop.say("these")
    await shop.sees("You sent one.txt, two.txt.")
    assert await shop.violations() == []
    assert shop.errors == []


async def test_a_picture_that_waits_for_its_message_is_seen_after_a_reload(begin: Begin) -> None:
    """The page has no cookie that an address of it would be let in by: what the server has is loaded."""
    shop = await begin(app=TAKES)
    page = shop.page
    await shop.open()
    async with page.expect_file_chooser() as chosen:
        await page.get_by_role("button", name="Attach files").click()
    await (await chosen.value).set_files({"name": "dot.png", "mimeType": "image/png", "buffer": PIXEL})
    await page.locator(".attachment.is-done").wait_for()

    await page.reload()
    await shop.composer.wait_for()

    picture = page.locator(".attachment img")
    await picture.wait_for()
    await page.wait_for_function("(picture) => picture.naturalWidth === 1", arg=await picture.element_handle())
    await shop.say("this")
    await shop.sees("You sent dot.png.")
    assert shop.errors == []
