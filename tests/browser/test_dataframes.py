"""Tables in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "dataframes.py"

WIDE = """
import convo, pandas

@convo.on_message
async def show(message):
    rows, columns = map(int, message.content.split())
    data = {f"n{at}": range(at, rows + at) for at in range(columns)}
    await convo.Message("", elements=[convo.Dataframe("Wide", data=pandas.DataFrame(data))]).send()
"""


def cells(chat: Any, column: int, table: str = "Orders") -> Any:
    """The cells of a column that are in sight."""
    return chat.page.get_by_role("grid", name=table).locator(f"[data-row][data-column='{column}']")


async def test_a_table_is_sorted_searched_and_filtered(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    grid = chat.page.get_by_role("grid", name="Orders")
    await chat.say("show")
    await chat.sees("1,000 rows × 8 columns")
    await chat.sees("3 rows × 4 columns")
    await cells(chat, 1).get_by_text("Lyon").first.wait_for()
    await cells(chat, 1, "Stock").first.wait_for()
    await chat.portray("dataframe")

    rating = grid.get_by_role("columnheader", name="rating")
    await rating.click()
    await grid.locator("[aria-sort=ascending]", has_text="rating").wait_for()
    await grid.locator("[data-row='0'][data-column='0']", has_text="1005").wait_for()  # the first of those with 1
    await rating.click()
    await grid.locator("[data-row='0'][data-column='0']", has_text="1009").wait_for()  # the first of those with 5
    await rating.click()
    await grid.locator("[data-row='0'][data-column='0']", has_text="1000").wait_for()  # as they came

    search = chat.page.get_by_role("searchbox", name="Search all columns").first
    await search.fill("zagreb")
    await chat.sees("200 of 1,000 rows")
    await chat.page.get_by_role("button", name="Filter columns").first.click()
    await chat.page.get_by_role("searchbox", name="Filter amount").fill("> 450")
    await chat.sees("21 of 1,000 rows")
    await grid.locator("[data-row='0'][data-column='1']", has_text="Zagreb").wait_for()
    await expect(cells(chat, 1).filter(has_not_text="Zagreb")).to_have_count(0)
    await cells(chat, 1).first.click()
    await chat.portray("dataframe-filtered")
    await search.fill("nothing like it")
    await chat.sees("No row is like that.")
    await chat.portray("dataframe-none")
    await chat.page.get_by_role("button", name="Clear the search and filters").click()
    await chat.sees("1,000 rows × 8 columns")


async def test_a_table_is_walked_by_keyboard_copied_and_saved(serve: Any, open_tab: Any, context: Any) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    page = chat.page
    grid = page.get_by_role("grid", name="Orders")
    await chat.say("show")
    await cells(chat, 1).get_by_text("Lyon").first.wait_for()

    await grid.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        await page.keyboard.press(key)
    active = await grid.get_attribute("aria-activedescendant")
    assert await page.locator(f"[id='{active}']").inner_text() == "0.00"
    for key in ("Shift+ArrowDown", "Shift+ArrowRight", "ControlOrMeta+c"):
        await page.keyboard.press(key)
    await chat.sees("2 × 2 selected")
    await page.wait_for_function(
        "text => navigator.clipboard.readText().then(held => held === text)", arg="0\t1\n37.31\t5"
    )

    await page.keyboard.press("ControlOrMeta+End")
    await grid.locator("[data-row='999'].is-active").wait_for()
    await page.keyboard.press("ControlOrMeta+Home")
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await page.locator(".dataframe-whole", has_text="at the door").wait_for()
    assert await page.locator(".dataframe-whole").inner_text() == "Order 0, to be left\nat the door"
    await chat.portray("dataframe-cell")

    await grid.focus()
    await page.keyboard.press("ArrowUp")  # to the headings
    await page.keyboard.press("Enter")
    await grid.locator("[aria-sort=ascending]", has_text="note").wait_for()
    await page.get_by_role("searchbox", name="Search all columns").first.fill("order 40,")
    await chat.sees("1 of 1,000 rows")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download as CSV").first.click()
    saved = Path(await (await download.value).path()).read_text("utf-8-sig")
    assert (await download.value).suggested_filename == "Orders.csv"
    assert saved.splitlines()[0] == "order,city,ordered,amount,items,paid,rating,note"
    assert saved.splitlines()[1].startswith('1040,Basel,2026-01-02T08:40:00+01:00,492.4,8,true,,"Order 40')


async def test_large_and_wide_tables_show_only_what_is_in_sight(serve: Any, open_tab: Any) -> None:
    server = await serve(app=WIDE, settings={"UI__CONFIRM_NEW_CHAT": "false"})
    chat = await open_tab(server.url)
    grid = chat.page.get_by_role("grid", name="Wide")
    await chat.say("100000 20")
    await chat.sees("100,000 rows × 20 columns", timeout=60)
    await grid.get_by_role("columnheader", name="n1", exact=True).click(click_count=2, delay=50)
    await grid.locator("[data-row='0'][data-column='0']", has_text="99999").wait_for()
    await grid.focus()
    await chat.page.keyboard.press("ControlOrMeta+End")
    await chat.page.keyboard.press("ControlOrMeta+End")
    await grid.locator("[data-row='99999'][data-column='19']", has_text="19").wait_for()
    assert await grid.locator("[data-row]").count() < 1500
    await chat.page.get_by_role("button", name="New chat").click()
    await chat.say("300000 2")
    await chat.sees("300,000 rows × 2 columns", timeout=60)
    await grid.focus()
    await chat.page.keyboard.press("ControlOrMeta+End")
    await chat.page.keyboard.press("ControlOrMeta+ArrowDown")
    await grid.locator("[data-row='299999'][data-column='0']", has_text="299999").wait_for()
    await chat.page.get_by_role("button", name="New chat").click()
    await chat.say("3 400")
    await chat.sees("3 rows × 400 columns")
    await grid.focus()
    await chat.page.keyboard.press("ArrowDown")
    await chat.page.keyboard.press("End")
    await grid.locator("[data-row='0'][data-column='399']", has_text="399").wait_for()
    assert await grid.locator("[data-row]").count() < 100
    await chat.portray("dataframe-wide")


async def test_a_table_that_does_not_come_says_so(serve: Any, open_tab: Any, context: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await context.route("**/files/**", lambda route: route.abort())
    await chat.say("show")
    again = chat.page.get_by_role("button", name="Try again")
    await again.first.wait_for()
    await chat.portray("dataframe-failed")
    await context.unroute("**/files/**")
    await again.first.click()
    await chat.sees("1,000 rows × 8 columns")
