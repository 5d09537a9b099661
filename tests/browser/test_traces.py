"""The trace of a run in a real Chromium: its tree in time, searched, filtered, compared, and ten thousand steps."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = (Path(__file__).parents[2] / "examples" / "trace.py").read_text("utf-8")


async def open_trace(page: Any) -> Any:
    """The grid of the latest trace, once it has the focus."""
    await page.get_by_role("button", name="Open the trace").last.click()
    grid = page.get_by_role("treegrid", name="Steps of the run")
    await grid.get_by_role("row").nth(1).wait_for()
    await page.wait_for_function("() => document.activeElement?.getAttribute('role') === 'treegrid'")
    return grid


def names(page: Any) -> Any:
    return page.locator(".traced-row .is-name > b")


def chosen(page: Any) -> Any:
    return page.locator(".traced-row[aria-selected=true] .is-name > b")


async def test_a_trace_shows_the_tree_in_time_with_what_it_took(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=EXAMPLE)).url)
    page = chat.page
    await chat.say("Rome")
    await chat.sees("Rome has sights and food.")
    grid = await open_trace(page)
    await expect(names(page)).to_have_text([
        "Travel agent", "Plan", "search", "search", "weather", "Answer", "Assistant",
    ])  # fmt: skip
    await expect(page.locator(".traced-bar.is-running")).to_have_count(0)
    for part in ("on_message", "Steps: 7", "1,713 tokens", "$0.0043"):
        await expect(page.locator(".traced-summary")).to_contain_text(part)
    await expect(grid.get_by_role("row").nth(1)).to_contain_text("1,713")
    bars = await page.locator(".traced-row .traced-bar").evaluate_all(
        "bars => bars.map(bar => { const box = bar.getBoundingClientRect(); return [box.left, box.right] })"
    )
    assert bars[1][1] <= bars[2][0] + 1, "the searches begin after the plan"
    assert bars[3][0] < bars[2][1], "they run at once"
    assert bars[0][1] >= bars[5][1] - 1, "the agent lasts as long as what is in it"

    await page.keyboard.press("ArrowDown")
    await expect(chosen(page)).to_have_text("Plan")
    details = page.get_by_role("region", name="What is known of the step")
    await details.get_by_text("Messages").wait_for()
    text = await details.inner_text()
    for part in ("Model", "Done", "First token", "120 ms", "423", "openai · gpt-4o", "Settings"):
        assert part in text, text
    await chat.portray("trace")


async def test_the_keyboard_walks_the_tree_and_focus_returns(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=EXAMPLE)).url)
    page = chat.page
    await chat.say("Oslo")
    await chat.sees("Oslo has sights")
    await open_trace(page)
    for key, name in [
        ("End", "Assistant"), ("Home", "Travel agent"), ("ArrowRight", "Plan"), ("ArrowLeft", "Travel agent"),
    ]:  # fmt: skip
        await page.keyboard.press(key)
        await expect(chosen(page), key).to_have_text(name)
    await page.keyboard.press("ArrowLeft")
    await expect(names(page)).to_have_text(["Travel agent", "Assistant"])
    await expect(page.locator(".traced-row").first).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("ArrowRight")
    await expect(names(page)).to_have_count(7)
    await page.locator(".traced-tools").get_by_role("button", name="Collapse all").click()
    await expect(names(page)).to_have_count(2)
    await page.locator(".traced-tools").get_by_role("button", name="Expand all").click()

    await page.get_by_role("treegrid").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".traced-details")).to_be_focused()
    await page.get_by_role("searchbox", name="Search the steps").fill("FOOD in")
    await page.get_by_text("1 of 7", exact=True).wait_for()
    await expect(names(page)).to_have_text(["Travel agent", "search"])
    await page.keyboard.press("Escape")
    await page.get_by_text("1 of 7", exact=True).wait_for(state="detached")
    await page.keyboard.press("Escape")
    await page.get_by_role("treegrid").wait_for(state="detached")
    await expect(page.get_by_role("button", name="Open the trace").last).to_be_focused()

    await page.reload()
    await open_trace(page)
    await expect(names(page), "it is there after a reload").to_have_count(7)


async def test_errors_come_first_and_steps_are_filtered_and_copied(serve: Any, open_tab: Any, context: Any) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = await open_tab((await serve(app=EXAMPLE)).url)
    page = chat.page
    await chat.say("Atlantis")
    await chat.sees("Atlantis has sights")
    await open_trace(page)
    await expect(chosen(page), "what failed is shown first").to_have_text("weather")
    await page.locator(".traced-details").get_by_text("There is no weather of").wait_for()
    await page.get_by_role("treegrid").focus()
    await page.keyboard.press("Home")
    await page.get_by_role("button", name="Errors: 1").click()
    await expect(chosen(page)).to_have_text("weather")
    await chat.portray("trace-error")

    await page.get_by_role("button", name="Type: All types").click()
    await page.get_by_role("option", name="Model").click()
    await page.get_by_text("2 of 7", exact=True).wait_for()
    await expect(names(page)).to_have_text(["Travel agent", "Plan", "Answer"])
    await page.get_by_role("button", name="Type: Model").click()
    await page.get_by_role("option", name="All types").click()
    await page.get_by_role("button", name="Status: Any status").click()
    await page.get_by_role("option", name="Failed").click()
    await page.get_by_text("1 of 7", exact=True).wait_for()
    await expect(names(page)).to_have_text(["Travel agent", "weather"])

    step = json.loads(await chat.copied("Copy the step as JSON"))
    assert (step["name"], step["status"]) == ("weather", "failed")
    trace = json.loads(await chat.copied("Copy as JSON"))
    assert [step["name"] for step in trace["steps"][0]["steps"]] == ["Plan", "search", "search", "weather", "Answer"]
    assert trace["tokens"] == 1708


async def test_two_runs_stand_side_by_side_with_what_differs(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=EXAMPLE)).url)
    page = chat.page
    for city in ("Rome", "Atlantis"):
        await chat.say(city)
        await chat.sees(f"{city} has sights")
    await open_trace(page)
    await page.get_by_role("button", name="Compare with").click()
    await page.get_by_role("option", name="Rome").click()
    grid = page.get_by_role("treegrid", name="Two runs side by side")
    weather = grid.get_by_role("row").filter(has_text="weather")
    await weather.wait_for()
    await expect(names(page)).to_have_text(
        ["Travel agent", "Plan", "search", "search", "weather", "Answer", "Assistant"]
    )
    await weather.get_by_text("Differs: Status, Output").wait_for(state="attached")
    plan = grid.get_by_role("row").filter(has_text="Plan")
    # On a machine that does other things, its time may differ much.
    assert set(await plan.get_by_text("Differs").all_text_contents()) <= {"Differs: Duration"}
    await weather.click()
    sides = page.locator(".traced-side")
    await expect(sides.nth(0)).to_contain_text("There is no weather of")
    await expect(sides.nth(1)).to_contain_text("It is mild in Rome.")
    await chat.portray("trace-compared")
    await page.get_by_role("button", name="Compare with").click()
    await page.get_by_role("option", name="No other run").click()
    await page.get_by_role("treegrid", name="Steps of the run").wait_for()


LIVE = """
import asyncio

import convo

go_on = asyncio.Event()

@convo.on_message
async def answer(message: convo.Message) -> None:
    if message.content == "go on":
        go_on.set()
        return
    async with convo.Step("outer", type="run"):
        async with convo.Step("first", type="tool"):
            pass
        async with convo.Step("second", type="llm") as step:
            await step.stream_token("half ")
            await go_on.wait()
            await step.stream_token("whole")
    await convo.Message("done").send()
"""


async def test_a_trace_grows_while_its_run_goes_on(serve: Any, open_tab: Any) -> None:
    server = await serve(app=LIVE, settings={"FEATURES__WHEN_BUSY": "parallel"})
    chat = await open_tab(server.url)
    page = chat.page
    await chat.say("go")
    grid = await open_trace(page)
    second = grid.get_by_role("row").filter(has_text="second")
    await second.get_by_text("Running").wait_for(state="attached")
    width = "() => document.querySelector('.traced-row .traced-bar').getBoundingClientRect().right"
    await expect(second.locator(".traced-bar.is-running")).to_have_count(1)
    edge = await page.evaluate(width)
    await second.click()
    await page.locator(".traced-details").get_by_text("half").wait_for()
    before = await second.locator(".is-duration").inner_text()
    await page.wait_for_function(
        "before => document.querySelectorAll('.traced-row .is-duration')[2].innerText !== before", arg=before
    )
    assert abs(await page.evaluate(width) - edge) < 2, "the axis grows with it"
    await chat.say("go on")
    await page.locator(".traced-details").get_by_text("half whole").wait_for()
    await page.get_by_role("row").filter(has_text="Assistant").wait_for()
    await expect(page.locator(".traced-bar.is-running")).to_have_count(0)


async def test_lines_from_right_to_left_and_languages(serve: Any, chromium: Any) -> None:
    server = await serve(app=EXAMPLE)
    context = await chromium.new_context(viewport={"width": 1280, "height": 860}, locale="ar", reduced_motion="reduce")
    chat = Chat(await context.new_page())
    page = chat.page
    await page.goto(server.url)
    await page.locator("#composer").fill("Rome")
    await page.locator("#composer").press("Enter")
    await chat.sees("Rome has sights")
    await page.locator(".trace-top .icon-button").click()
    await page.get_by_role("treegrid").wait_for()
    await page.wait_for_function("() => document.activeElement?.getAttribute('role') === 'treegrid'")
    await page.keyboard.press("ArrowLeft")
    await expect(chosen(page), "deeper is to the left").to_have_text("Plan")
    await page.keyboard.press("ArrowRight")
    await expect(chosen(page)).to_have_text("Travel agent")
    bars = await page.locator(".traced-row .traced-bar").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().right)"
    )
    assert bars[5] < bars[1], "time runs from right to left"
    await chat.portray("trace-arabic")
    assert chat.complaints == []
    await context.close()


MANY = """
import convo

@convo.on_message
async def answer(message: convo.Message) -> None:
    async with convo.Step("all", type="run"):
        for outer in range(100):
            async with convo.Step(f"part {outer}", type="run"):
                for inner in range(99):
                    async with convo.Step(f"step {outer}.{inner}", type="tool") as step:
                        step.input = f"input {inner}"
                        step.output = "needle" if (outer, inner) == (70, 7) else "output"
    await convo.Message("all done").send()
"""


async def test_ten_thousand_steps_open_quickly_and_scroll(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=MANY)).url)
    page = chat.page
    await chat.say("go")
    await chat.sees("all done", timeout=90)
    await chat.sees("Worked through 10,001 steps")
    await chat.shot("trace-large")
    await page.evaluate(
        "() => { window.longest = 0; new PerformanceObserver(list => {"
        " for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration) })"
        ".observe({ type: 'longtask' }) }"
    )
    opened = await page.evaluate(
        "async () => { const began = performance.now();"
        " document.querySelector('.tools [aria-label=\"Open the trace\"]').click();"
        " while (!document.querySelector('.traced-row')) await new Promise(requestAnimationFrame);"
        " return performance.now() - began }"
    )
    assert await page.locator(".traced-row").count() < 60, "what is not in sight is not drawn"
    await expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "10003")
    frames = await page.evaluate(
        "async () => { const grid = document.querySelector('.traced'); const times = [];"
        " let before = performance.now();"
        " for (let at = 0; at < 120; at++) { grid.scrollTop += 2400;"
        "   await new Promise(requestAnimationFrame);"
        "   const now = performance.now(); times.push(now - before); before = now }"
        " return times.sort((a, b) => a - b) }"
    )
    await page.get_by_role("searchbox", name="Search the steps").fill("needle")
    await page.get_by_text("1 of 10,002", exact=True).wait_for()
    await expect(names(page)).to_have_text(["all", "part 70", "step 70.7"])
    await page.get_by_role("searchbox", name="Search the steps").fill("")
    await page.locator('[role=treegrid][aria-rowcount="10003"]').wait_for()
    await page.get_by_role("treegrid").focus()
    await page.keyboard.press("End")
    await expect(chosen(page)).to_have_text("Assistant")
    longest = await page.evaluate("window.longest")
    print(
        f"opened in {opened:.0f} ms; a frame of scrolling {frames[60]:.0f} ms, of 100 the slowest {frames[118]:.0f} ms;"
        f" longest task {longest:.0f} ms"
    )
    assert longest < 1500


CUT = """
import convo

tracer = convo.Tracer("toy")

@convo.on_message
async def answer(message: convo.Message) -> None:
    tracer.open(1, "long", type="tool", input="begin " + "x" * 200_000 + " the very end")
    tracer.close(1, "short")
    await convo.Message("done").send()
"""


async def test_a_text_that_was_cut_is_shown_whole_and_leads_back(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=CUT)).url)
    page = chat.page
    await chat.say("go")
    await chat.sees("done")
    await open_trace(page)
    details = page.locator(".traced-details")
    await details.get_by_text("input.txt").first.click()
    await page.get_by_role("complementary", name="input.txt").get_by_text("begin").first.wait_for()
    await page.get_by_role("button", name="Close the panel").click()
    await page.get_by_role("treegrid", name="Steps of the run").wait_for()
    await expect(chosen(page)).to_have_text("long")


async def test_a_wide_screen_has_details_beside_the_tree(serve: Any, open_tab: Any) -> None:
    chat = await open_tab((await serve(app=EXAMPLE)).url)
    page = chat.page
    await page.set_viewport_size({"width": 1800, "height": 1000})
    await chat.say("Rome")
    await chat.sees("Rome has sights")
    await open_trace(page)
    tree, details = [await page.locator(place).bounding_box() for place in (".traced", ".traced-details")]
    assert tree["x"] + tree["width"] <= details["x"] + 1
    await chat.shot("trace-wide")
    assert await chat.violations() == []
