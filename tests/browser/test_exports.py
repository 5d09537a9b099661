"""A chat taken home as a file, in a real Chromium: how one gets it, and what it looks like on its own."""

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

APP = r"""
import struct, zlib
import convo

def chart():
    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = [b"\0" + b"".join(bytes((x * 255 // 320, 110, 255 - y)) for x in range(320)) for y in range(120)]
    head = struct.pack(">IIBBBBB", 320, 120, 8, 2, 0, 0, 0)
    image = part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"".join(rows))) + part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + image

ANSWER = r'''# Churn by region

Revenue lost is $L = \sum_{i=1}^{n} p_i \cdot r_i$, which costs $5 to $9 a seat:

$$\begin{aligned} L &= 0.12 \cdot 480 \\ &= 57.6 \end{aligned}$$

| Region | Churn | Seats |
|---|--:|--:|
| North | 4.1 % | 480 |
| **South** | 2.9 % | 1,200 |

- [x] Read the [report](https://example.org/report)
- [ ] Ask `sales`

> Numbers are preliminary.

```python
def churn(lost: int, all: int) -> float:
    return lost / all
```

<script>document.title = "attacked"</script><img src=x onerror="document.title='attacked'">
'''

@convo.on_message
async def answer(message):
    async with convo.Step(name="Query the warehouse", type="tool", show_input="sql") as step:
        step.input = "SELECT region, churn FROM seats"
        step.output = '{"rows": 2, "region": ["North", "South"]}'
    csv = convo.File(name="churn.csv", content=b"a,b", mime="text/csv")
    await convo.Message(ANSWER, elements=[convo.Image(name="Churn", content=chart()), csv]).send()
"""
SETTINGS = {"DATA__URL": "sqlite:///history.db", "PROJECT__NAME": "Atlas Support"}
QUESTION = "Where do we lose customers?\nOnly last quarter. <script>document.title = 'attacked'</script>"


async def exported(chat: Any, format: str) -> Any:
    """The download of the first chat in the list."""
    await chat.page.get_by_role("navigation", name="Chats").get_by_role("button", name="Options for").click(force=True)
    await chat.page.get_by_role("menuitem", name="Export as").click()
    async with chat.page.expect_download() as coming:
        await chat.page.get_by_role("menuitem", name=format).click()
    return await coming.value


async def asked(serve: Any, open_tab: Any) -> Any:
    server = await serve(app=APP, settings=SETTINGS)
    chat = await open_tab(server.url)
    await chat.composer.fill(QUESTION)
    await chat.composer.press("Enter")
    await chat.sees("Numbers are preliminary.")
    await chat.page.get_by_role("navigation", name="Chats").locator(".side-row").wait_for()
    return server, chat


async def test_a_chat_is_exported_from_the_list_and_from_the_palette(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server, chat = await asked(serve, open_tab)
    download = await exported(chat, "Markdown")
    assert download.suggested_filename.startswith("Where do we lose customers")
    assert download.suggested_filename.endswith(".md")
    text = Path(await download.path()).read_text("utf-8")
    assert "| **South** | 2.9 % | 1,200 |" in text
    assert "\n## Atlas Support\n" in text
    await chat.page.keyboard.press("Control+k")
    await chat.page.get_by_role("combobox").fill("export json")
    await chat.shot("export-palette")
    async with chat.page.expect_download() as coming:
        await chat.page.keyboard.press("Enter")
    record = json.loads(Path(await (await coming.value).path()).read_text("utf-8"))
    assert record["state"]["steps"][0]["output"] == QUESTION
    assert server.complaints == []


async def test_an_export_that_fails_is_told_and_leaves_no_file(serve: Any, open_tab: Any) -> None:
    _, chat = await asked(serve, open_tab)
    away = {"code": "unavailable", "text": "History cannot be read at the moment."}
    await chat.page.route("**/export?*", lambda route: route.fulfill(status=503, json=away))
    downloads: list[Any] = []
    chat.page.on("download", lambda download: downloads.append(download))
    await chat.page.get_by_role("navigation", name="Chats").get_by_role("button", name="Options for").click(force=True)
    await chat.page.get_by_role("menuitem", name="Export as").click()
    await chat.shot("export-menu")
    assert await chat.violations() == []
    await chat.page.get_by_role("menuitem", name="Web page").click()
    await chat.sees("History cannot be read at the moment.")
    assert downloads == []


async def test_the_html_file_is_whole_on_its_own_and_nothing_in_it_runs(
    serve: Any, open_tab: Any, context: Any, tmp_path: Path
) -> None:
    server, chat = await asked(serve, open_tab)
    file = tmp_path / "chat.html"
    await (await exported(chat, "Web page")).save_as(file)
    await server.end()
    page = type(chat)(await context.new_page())
    asked_for: list[str] = []
    page.page.on("request", lambda request: asked_for.append(request.url))
    await page.page.goto(file.as_uri())
    await page.page.get_by_role("heading", name="Churn by region").wait_for()
    assert not (await page.page.title()).startswith("attacked")
    assert [url for url in asked_for if not url.startswith(("file:", "data:"))] == []
    assert await page.page.locator(".picture img").evaluate("image => image.naturalWidth") == 320
    assert await page.page.locator("math").count() == 2
    formula = await page.page.locator(".formula math").bounding_box()
    assert formula is not None
    assert formula["height"] > 30  # two lines of it are drawn
    assert await page.page.get_by_text("SELECT region").is_hidden()
    await page.page.get_by_text("Query the warehouse").click()
    await page.page.get_by_text("SELECT region").wait_for()
    await page.portray("export-html")
    await page.page.get_by_text("Query the warehouse").click()
    await page.page.emulate_media(media="print", color_scheme="dark")
    assert await page.page.get_by_text("SELECT region").is_visible()  # on paper there is nothing to click
    await page.page.set_viewport_size({"width": 794, "height": 1123})
    await page.shot("export-html-print")
    assert page.complaints == []
