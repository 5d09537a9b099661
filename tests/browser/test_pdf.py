"""PDFs in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "pdf.py"


async def test_a_pdf_is_read_enlarged_and_searched(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    page = chat.page
    await chat.say("show")
    pdf = page.get_by_role("region", name="report.pdf", exact=True)
    await pdf.get_by_text("Page 2", exact=True).wait_for()
    await page.wait_for_timeout(1500)
    await chat.portray("pdf")
