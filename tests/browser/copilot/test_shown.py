"""What messages show beside their text, within the widget."""

import runpy
from pathlib import Path

import pytest

from tests.browser.conftest import SHOTS
from tests.browser.copilot.conftest import Begin

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PDF = Path(__file__).parents[3] / "examples" / "pdf.py"

ELEMENTS = """
import convo, pandas

TEXT = "| fruit | price |\\n|---|---|\\n| apple | 2 |\\n\\nAs said.[^1]\\n\\n[^1]: By hand."

@convo.on_chat_start
async def start():
    await convo.ChatSettings([convo.input_widget.TextInput(id="name", label="Your name", initial="Ann")]).send()

@convo.on_settings_update
async def updated(settings):
    await convo.Message(f"You are {settings['name']}.").send()

@convo.on_message
async def show(message):
    stock = pandas.DataFrame({"item": ["apples", "pears"], "left": [3, 4]})
    elements = [
        convo.Dataframe("Stock", data=stock),
        convo.Pdf("label.pdf", path="label.pdf"),
        convo.CustomElement("Part", props={"count": 1}),
    ]
    await convo.Message(TEXT, elements=elements).send()
"""

PART = """
import { Button } from "@/components/ui/button"

export default function Part() {
    return <Button onClick={() => updateElement({ ...props, count: props.count + 1 })}>Count {props.count}</Button>
}
"""


async def test_elements_and_settings_open_within_the_widget(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "public" / "elements").mkdir(parents=True)
    (tmp_path / "public" / "elements" / "Part.jsx").write_text(PART)
    (tmp_path / "label.pdf").write_bytes(runpy.run_path(str(PDF))["make_pdf"](1))
    shop = await begin(app=ELEMENTS)
    page = shop.page
    await shop.open()
    await shop.say("show")
    await page.get_by_role("grid", name="Stock").get_by_text("apples").wait_for()
    await page.get_by_role("cell", name="apple", exact=True).wait_for()
    await page.get_by_role("region", name="Footnotes").get_by_text("By hand.").wait_for()
    await page.get_by_role("figure", name="label.pdf").get_by_text("Page 1", exact=True).wait_for()
    part = page.frame_locator("iframe.custom-frame")
    await part.get_by_role("button", name="Count 1").click()
    await part.get_by_role("button", name="Count 2").wait_for()

    await page.get_by_role("button", name="Chat settings").click()
    dialog = page.get_by_role("dialog", name="Chat settings")
    await dialog.get_by_label("Your name").fill("Bob")
    assert await page.evaluate("document.querySelector('dialog, iframe') === null")
    await dialog.get_by_role("button", name="Save").click()
    await shop.sees("You are Bob.")
    assert await page.evaluate("document.body.innerText.includes('You are Bob')") is False
    assert shop.errors == []


SHOWN = """
import convo, plotly.graph_objects as figures

@convo.on_message
async def show(message):
    chart = figures.Figure(data=[figures.Bar(x=["a", "b"], y=[1, 3])])
    elements = [
        convo.Plotly(name="chart", figure=chart, display="inline"),
        convo.Text(name="notes", content="**Notes** here.", display="side"),
        convo.Text(name="paper", content="A long paper.", display="page"),
    ]
    await convo.Message("See notes and paper.", elements=elements).send()
"""


async def test_figures_are_drawn_and_elements_open_at_the_side_and_as_pages(begin: Begin) -> None:
    shop = await begin(app=SHOWN)
    page = shop.page
    place = "root.querySelector('.widget-panel').getBoundingClientRect().toJSON()"
    await shop.open()
    before = await shop.inside(place)
    await shop.say("show")
    await page.locator(".plotly .main-svg").first.wait_for()
    await page.locator(".plotly .main-svg").first.hover()
    bar, figure = [
        await shop.inside(f"root.querySelector('{name}').getBoundingClientRect().toJSON()")
        for name in (".modebar", ".js-plotly-plot")
    ]
    assert bar["height"] <= 44, "its tools stand in a row"
    assert bar["bottom"] < figure["top"] + 60, "above it"
    assert await page.evaluate("document.querySelectorAll('style').length") == 1, "the page's own"
    await page.screenshot(path=SHOTS / "copilot-figure.png")

    await page.get_by_role("button", name="notes").or_(page.get_by_role("link", name="notes")).first.click()
    await shop.sees("here.")
    assert await shop.inside(place) == before
    assert await shop.violations() == []
    await page.screenshot(path=SHOTS / "copilot-side.png")
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="paper").or_(page.get_by_role("link", name="paper")).first.click()
    await shop.sees("A long paper.")
    assert await shop.inside(place) == before
    assert await page.title() == "Shop"
    assert await shop.violations() == []
    await page.screenshot(path=SHOTS / "copilot-page.png")
    await page.keyboard.press("Escape")
    await page.get_by_text("A long paper.").wait_for(state="detached")
    await shop.composer.wait_for()
    assert await page.evaluate("chat.isOpen")
    await shop.composer.press("Escape")
    assert await shop.heard("close"), "what is open within is closed first, the widget when nothing is"
    assert shop.errors == []
