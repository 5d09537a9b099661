"""Task lists, in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "tasks.py"


GATE = """

async def gate(title):
    while title == "Look it up" and not pathlib.Path("go").exists():
        await convo.sleep(0.05)
"""


async def test_a_task_list_follows_the_work(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    app = EXAMPLE.read_text("utf-8").replace("convo.sleep(0.4)", "gate(task.title)")
    server = await serve(app=f"import pathlib\n{app}{GATE}")
    chat = await open_tab(server.url)
    await chat.page.set_viewport_size({"width": 1440, "height": 860})
    await chat.say("go")
    tasks = chat.page.get_by_role("region", name="Tasks")
    await tasks.get_by_text("Working").wait_for()
    await tasks.get_by_text("1 of 4").wait_for()
    await chat.shot("tasks-working")
    (tmp_path / "go").touch()
    await tasks.get_by_text("Done, but for the archive").wait_for()
    await tasks.get_by_text("3 of 4").wait_for()
    await chat.portray("tasks")
    link = tasks.get_by_role("button", name="Look it up")
    await link.click()
    await expect(chat.page.locator(":focus")).to_contain_text("Look it up: done.")
    await chat.page.set_viewport_size({"width": 390, "height": 844})
    await link.wait_for(state="hidden")
    head = tasks.get_by_role("button", name="Done, but for the archive")
    await head.click()
    await link.wait_for()
    await chat.portray("tasks-open")
    await chat.page.reload()
    await tasks.get_by_text("3 of 4").wait_for()
