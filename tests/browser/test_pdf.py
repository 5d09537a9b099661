"""PDFs in a real Chromium."""

import base64
import runpy
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "pdf.py"
LOCKED = (  # one page, encrypted with RC4; its password is "sesame"
    "JVBERi0xLjcKJeLjz9MKMSAwIG9iago8PAovUHJvZHVjZXIgPDJmNmE1MWU1ZDc+Cj4+CmVuZG9iagoyIDAgb2JqCjw8Ci9UeXBlIC9QYWdl"
    "cwovQ291bnQgMQovS2lkcyBbIDQgMCBSIF0KPj4KZW5kb2JqCjMgMCBvYmoKPDwKL1R5cGUgL0NhdGFsb2cKL1BhZ2VzIDIgMCBSCj4+CmVu"
    "ZG9iago0IDAgb2JqCjw8Ci9UeXBlIC9QYWdlCi9Db250ZW50cyA1IDAgUgovUmVzb3VyY2VzIDw8Ci9Gb250IDw8Ci9GIDYgMCBSCj4+Cj4+"
    "Ci9NZWRpYUJveCBbIDAgMCA1OTUgODQyIF0KL1BhcmVudCAyIDAgUgo+PgplbmRvYmoKNSAwIG9iago8PAovTGVuZ3RoIDE4Nwo+PgpzdHJl"
    "YW0KMeL0XhBbmWrvIXWQMyue4yElLlcTO+q3FGO1GV3h+C7GmnB6WNH3OGDr31pFUjca9//pt02Mwa7xRu0xhtIe143X7CZ8GN0twRajmoBv"
    "014kk+qyU7gw2FxEpi+eKxtgildQq0trz8SqaOfZjf5ukzoCB3fVsvmqH9fql2fQYgofImn1DENeqFmCnXXJ/NYN0mULBMD/Gndn0ULFZWrE"
    "vqTzFOzY4ZLP7SDbIFXlopADWkwTqVcm8/f+zgplbmRzdHJlYW0KZW5kb2JqCjYgMCBvYmoKPDwKL1R5cGUgL0ZvbnQKL1N1YnR5cGUgL1R5"
    "cGUxCi9CYXNlRm9udCAvSGVsdmV0aWNhCj4+CmVuZG9iago3IDAgb2JqCjw8Ci9WIDIKL1IgMwovTGVuZ3RoIDEyOAovUCA0Mjk0OTY3Mjky"
    "Ci9GaWx0ZXIgL1N0YW5kYXJkCi9PIDxlOWVmMmQ2ZWVjOTBjMTkwNDFlNjJkZGExYTg4ODI0OWVlNGJlZTg3NGJkYjFjMWUyNWQzYWNjYWYz"
    "NGVkMWMyPgovVSA8ODFiZjI3YTNmYjYxZGVmNmE5ZmM2OGE0ZTNmZmZhNzQyOGJmNGU1ZTRlNzU4YTQxNjQwMDRlNTZmZmZhMDEwOD4KPj4K"
    "ZW5kb2JqCnhyZWYKMCA4CjAwMDAwMDAwMDAgNjU1MzUgZiAKMDAwMDAwMDAxNSAwMDAwMCBuIAowMDAwMDAwMDU5IDAwMDAwIG4gCjAwMDAw"
    "MDAxMTggMDAwMDAgbiAKMDAwMDAwMDE2NyAwMDAwMCBuIAowMDAwMDAwMjk0IDAwMDAwIG4gCjAwMDAwMDA1MzIgMDAwMDAgbiAKMDAwMDAw"
    "MDYwMiAwMDAwMCBuIAp0cmFpbGVyCjw8Ci9TaXplIDgKL1Jvb3QgMyAwIFIKL0luZm8gMSAwIFIKL0lEIFsgPDE4Mjk5OTMzNDRlY2VkMTlk"
    "MTAyNTU1YjRlYzAzYTY0PiA8MTgyOTk5MzM0NGVjZWQxOWQxMDI1NTViNGVjMDNhNjQ+IF0KL0VuY3J5cHQgNyAwIFIKPj4Kc3RhcnR4cmVm"
    "CjgxNwolJUVPRgo="
)

GIVEN = """
import convo
from pathlib import Path

@convo.on_message
async def show(message):
    await convo.Message("", elements=[convo.Pdf("given.pdf", path="given.pdf")]).send()
"""


async def test_a_pdf_is_read_enlarged_and_searched(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    page = chat.page
    await chat.say("9")
    pdf = page.get_by_role("figure", name="report.pdf", exact=True)
    await pdf.get_by_text("Page 2", exact=True).wait_for()
    await chat.portray("pdf")

    number = pdf.get_by_role("textbox", name="Page")
    await number.fill("8")
    await number.press("Enter")
    await pdf.get_by_text("Page 8", exact=True).wait_for()
    assert await pdf.locator(".page canvas").count() < 9  # only what is near is drawn
    zoom = pdf.get_by_role("button", name="Fit to width")
    fitted = await zoom.inner_text()
    await pdf.get_by_role("button", name="Larger").click()
    await zoom.and_(page.locator("[aria-pressed=false]")).wait_for()
    assert int((await zoom.inner_text()).strip("%")) > int(fitted.strip("%"))
    await zoom.click()
    await zoom.and_(page.locator("[aria-pressed=true]")).wait_for()

    await pdf.get_by_role("button", name="Search in the document").click()
    words = pdf.get_by_role("searchbox", name="Words in the document")
    await words.fill("HARVEST was")
    await pdf.get_by_text("8 of 9").wait_for()
    await words.press("Enter")
    await pdf.get_by_text("9 of 9").wait_for()
    await words.press("Enter")
    await pdf.get_by_text("1 of 9").wait_for()
    await words.press("Shift+Enter")
    await pdf.get_by_text("9 of 9").wait_for()
    await pdf.locator(".highlight.selected").first.wait_for()
    await chat.portray("pdf-search")
    await words.fill("drought")
    await pdf.get_by_text("Not found").wait_for()
    await words.press("Escape")
    await words.wait_for(state="detached")

    await pdf.get_by_text("Page 9", exact=True).dblclick()
    assert (await page.evaluate("getSelection().toString()")).strip() == "Page"


async def test_a_large_pdf_comes_by_ranges(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    make_pdf = runpy.run_path(str(EXAMPLE))["make_pdf"]
    make_pdf.__globals__["LINES"] = (" " * 300_000,)  # pages that weigh something
    (tmp_path / "given.pdf").write_bytes(make_pdf(40))
    size = (tmp_path / "given.pdf").stat().st_size
    server = await serve(app=GIVEN)
    chat = await open_tab(server.url)
    came: list[int] = []
    chat.page.on("response", lambda r: came.append(int(r.headers["content-length"])) if r.status == 206 else None)
    await chat.say("show")
    pdf = chat.page.get_by_role("figure", name="given.pdf", exact=True)
    await pdf.get_by_text("Page 1", exact=True).wait_for(timeout=60_000)
    assert 0 < sum(came) < size / 2


async def test_a_locked_pdf_asks_for_its_password(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    (tmp_path / "given.pdf").write_bytes(base64.b64decode(LOCKED))
    server = await serve(app=GIVEN)
    chat = await open_tab(server.url)
    await chat.say("show")
    password = chat.page.get_by_label("Password")
    await password.fill("wrong")
    await password.press("Enter")
    await chat.sees("That is not its password. Try again.")
    await chat.portray("pdf-locked")
    await password.fill("sesame")
    await chat.page.get_by_role("button", name="Open").click()
    await chat.sees("Page 1")


async def test_a_damaged_pdf_says_so(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    (tmp_path / "given.pdf").write_bytes(b"%PDF-1.7\nnothing of what was promised")
    server = await serve(app=GIVEN)
    chat = await open_tab(server.url)
    await chat.say("show")
    await chat.sees("This PDF is damaged")
    assert "download=1" in (await chat.page.get_by_role("link", name="Download").get_attribute("href") or "")
    await chat.portray("pdf-damaged")
