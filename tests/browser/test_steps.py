"""Steps in a real Chromium: how they unfold, what models took, and what never arrives."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.harness.site import site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLES = Path(__file__).parents[2] / "examples"


async def unfold(page: Any) -> None:
    """Open the trace once it has folded away."""
    await page.locator(".trace-head[aria-expanded=false]").click()


def example(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


async def test_values_unfold_are_searched_and_copied(serve: Any, open_tab: Any, context: Any) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = await open_tab((await serve(app=example("inspect_values.py"))).url)
    page = chat.page
    await chat.say("40")
    await chat.sees("Looked at 40 customers.")
    await unfold(page)
    await chat.portray("steps-folded")
    await page.get_by_role("button", name="load").click()
    tree = page.get_by_role("tree", name="Output")
    await tree.get_by_role("treeitem").first.wait_for()

    await tree.get_by_role("treeitem").first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowRight"):
        await page.keyboard.press(key)
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".json-foot code").last).to_have_text("$[0].orders[0].number")
    assert await chat.copied("Copy path") == "$[0].orders[0].number"

    search = page.get_by_role("searchbox", name="Search")
    await search.fill("customer 39")
    await chat.sees("1 of 1")
    await page.locator("[aria-selected=true]", has_text="Customer 39").wait_for()
    await chat.portray("steps-json")
    await search.fill("")
    await page.get_by_role("button", name="Raw").last.click()
    await page.locator(".json pre").wait_for()
    assert len(json.loads(await chat.copied("Copy"))) == 40


async def test_all_steps_expand_long_texts_are_cut_and_errors_look_like_errors(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=example("inspect_values.py"))).url)
    page = chat.page
    await chat.say("2")
    await chat.sees("Looked at 2 customers.")
    await unfold(page)
    await page.get_by_role("button", name="Expand all").click()
    await chat.sees("answered 503 three times")
    await page.get_by_role("table").wait_for()
    await page.locator(".json-tree").first.wait_for()
    await chat.portray("steps-expanded")

    log = page.locator(".step", has=page.get_by_role("button", name="read_log"))
    assert "request 3999" not in await log.inner_text()
    await log.get_by_role("button", name="Show all").click()
    await expect(log.locator(".step-text").last).to_contain_text("request 3999")
    broken = page.locator(".step", has=page.get_by_role("button", name="call_a_broken_service"))
    await expect(broken.get_by_role("heading", name="Error")).to_be_visible()
    await page.get_by_role("button", name="Collapse all").click()
    await page.wait_for_function("() => document.querySelector('.step-content') === null")


async def test_a_generation_shows_its_figures_and_messages(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=example("generation.py"))).url)
    page = chat.page
    await chat.say("Rome")
    await chat.sees("1,212 tokens")
    await unfold(page)
    await page.locator(".step-line").click()
    figures = page.locator(".generation-figures")
    await figures.wait_for()
    text = await figures.inner_text()
    for part in ("openai · gpt-4o", "1,204", "$0.0031", "tokens/s", "First token"):
        assert part in text, text
    await page.locator(".step-line .glyph-small path").first.wait_for(state="attached")  # its icon is drawn
    await page.get_by_text("Messages").click()
    await chat.sees("You are a travel guide.")
    await page.get_by_text("Settings").click()
    await page.get_by_role("tree", name="Settings").wait_for()
    await chat.portray("generation")


@pytest.mark.parametrize(
    ("profile", "sees", "sees_not"),
    [
        ("Developer", ["Plan", "find_orders"], []),
        ("Analyst", ["find_orders"], ["Plan"]),
        ("Customer", [], ["Plan", "find_orders"]),
    ],
)
async def test_what_is_hidden_never_reaches_the_browser(
    serve: Any, open_tab: Any, profile: str, sees: list[str], sees_not: list[str]
) -> None:
    server = await serve(app=example("chain_of_thought.py"))
    chat = await open_tab(server.url)
    told: list[str] = []
    chat.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: told.append(str(frame))))
    chat.page.on("response", lambda response: told.append(response.url))
    await chat.page.reload()  # so that the first frame is heard, too
    picker = chat.page.get_by_role("button", name="Developer").first
    await picker.wait_for()
    if profile != "Developer":
        await picker.click()
        await chat.page.get_by_text(profile, exact=True).last.click()
        await chat.page.get_by_role("button", name=profile).first.wait_for()
    await chat.say("Ada")
    await chat.sees("is on its way")
    await chat.page.reload()
    await chat.sees("is on its way")

    if sees:
        await unfold(chat.page)
    await expect(chat.page.locator(".step-line b")).to_have_text(sees)
    answers = ["I looked at your orders.", "Order 4711 is on its way."]
    await expect(chat.page.locator("main .markdown")).to_have_text(answers)
    if sees_not:
        assert all("internal margin" not in frame for frame in told)
        assert any("on its way" in frame for frame in told), "what was told was listened to"
    await chat.portray(f"cot-{profile.lower()}")


LARGE = """
import json

import convo

@convo.step(type="tool")
async def dump():
    return "x" * 4_000_000

@convo.on_message
async def answer(message: convo.Message) -> None:
    async with convo.Step("fetch", type="tool") as step:
        step.output = json.dumps({"rows": [{"id": n, "name": f"row {n}", "on": True} for n in range(110_000)]})
    await dump()
    await convo.Message("done").send()
"""


async def test_five_megabytes_of_json_do_not_freeze_the_page(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=LARGE)).url)
    page = chat.page
    await chat.say("go")
    await chat.sees("done", timeout=60)
    await page.evaluate(
        "() => { window.longest = 0; new PerformanceObserver(list => {"
        " for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration) })"
        ".observe({ type: 'longtask' }) }"
    )
    await unfold(page)
    await page.get_by_role("button", name="fetch").click()
    await page.get_by_role("treeitem", name="rows").wait_for()
    await page.get_by_role("treeitem", name="rows").click()
    await page.get_by_text("Show more").click()
    await page.get_by_role("searchbox").fill("row 90000")
    await page.get_by_role("status").get_by_text("1 of 1", exact=True).wait_for()
    await page.get_by_role("button", name="dump").click()
    await page.get_by_role("button", name="Show all").click()
    longest = await page.evaluate("window.longest")
    print(f"longest task: {longest:.0f} ms")
    assert longest < 1500


async def test_a_web_route_posts_into_the_open_tab(open_tab: Any, tmp_path: Path) -> None:
    async with site(tmp_path, example("posting.py")) as url:
        chat = await open_tab(f"{url}/chat/")
        await chat.say("go")
        await chat.sees("A job has begun.")
        link = await chat.page.get_by_role("link", name="It is done").get_attribute("href")
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{url}{link}")).text == "Told."

        await chat.sees("The report is ready.")
        await chat.sees("It was also filed.")
        await chat.sees("Report ready")
        await chat.portray("posting")
        await unfold(chat.page)
        await chat.page.get_by_role("button", name="Report").last.click()
        await chat.sees("report.csv")
