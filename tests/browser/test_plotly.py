"""Figures of Plotly in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "plotly_charts.py"

MAP = """
import convo
import plotly.graph_objects as go

@convo.on_message
async def show(message):
    await convo.Message("", elements=[convo.Plotly("map", figure=go.Figure(go.Scattergeo(lat=[1], lon=[2])))]).send()
"""


async def test_figures_are_drawn_in_the_colours_of_the_theme(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    page = chat.page
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url.rsplit("/", 1)[-1]))
    await chat.say("show")
    sales = page.get_by_role("figure", name="Sales by quarter")
    await sales.locator(".bars .point").first.wait_for()
    rain = page.get_by_role("figure", name="Days of rain")
    await rain.locator(".scatterlayer .point").first.wait_for()
    assert any(name.startswith("plotly-cartesian") for name in scripts)
    assert not any(name.startswith("plotly-strict") for name in scripts)

    def ink(figure: Any) -> Any:
        return figure.locator(".gtitle").evaluate("title => getComputedStyle(title).fill")

    light, own = await ink(sales), await ink(rain)  # before the theme changes: what follows it is drawn a while later
    await chat.portray("plotly")
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await page.locator("[data-theme=dark]").wait_for()
    await sales.locator(f".gtitle:not([style*='{light}'])").wait_for()
    assert await ink(rain) == own

    await sales.get_by_text("The data in numbers").click()
    await sales.get_by_text("North, bar: 4 values.").wait_for()
    assert await sales.get_by_role("table").first.get_by_role("row").nth(4).inner_text() == "Q4\t31"
    await chat.portray("plotly-numbers")


async def test_tools_are_reached_by_keyboard_and_ask_no_other_host(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.say("show")
    sales = chat.page.get_by_role("figure", name="Sales by quarter")
    save = sales.get_by_role("button", name="Download plot as a PNG")
    await save.focus()
    async with chat.page.expect_download() as download:
        await chat.page.keyboard.press("Enter")
    assert Path(await (await download.value).path()).read_bytes().startswith(b"\x89PNG")
    assert await sales.get_by_role("button", name="Share").count() == 0


async def test_other_figures_bring_the_large_bundle_and_maps_say_why_not(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.say("tree")
    await chat.page.get_by_role("figure", name="Costs").get_by_text("travel").first.wait_for()
    await chat.portray("plotly-tree")
    other = await serve(app=MAP)
    chat = await open_tab(other.url)
    await chat.say("map")
    await chat.sees("map")
    await chat.page.locator(".is-unshown").wait_for()
    assert await chat.page.locator(".js-plotly-plot").count() == 0
