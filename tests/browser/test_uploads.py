"""Files from a user, in a real Chromium."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "uploads.py"

DROP = """
([type, kind]) => {
    const data = new DataTransfer();
    data.items.add(new File(["a,b\\n1,2"], `${kind}.csv`, { type: "text/csv" }));
    const target = kind === "pasted" ? document.getElementById("composer") : document.body;
    const event = kind === "pasted"
        ? new ClipboardEvent(type, { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
}
"""


async def test_files_are_chosen_pasted_and_dropped(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"), settings={"UPLOADS__MAX_FILES": "4"})
    chat = await open_tab(server.url)
    picture = tmp_path / "cat.png"
    picture.write_bytes(await chat.page.screenshot())
    attach = chat.page.get_by_role("button", name="Attach files")
    async with chat.page.expect_file_chooser() as chooser:
        await attach.click()
    await (await chooser.value).set_files([picture])
    await chat.page.evaluate(DROP, ["paste", "pasted"])
    await chat.page.evaluate(DROP, ["dragenter", "dropped"])
    await chat.sees("Drop files to attach them")
    await chat.shot("upload-drop")
    await chat.page.evaluate(DROP, ["drop", "dropped"])
    for name in ("cat.png", "pasted.csv", "dropped.csv"):
        await chat.page.get_by_role("button", name=f"Remove {name}").wait_for()
    await chat.portray("uploads")
    await chat.page.get_by_role("button", name="Remove pasted.csv").click()
    await chat.composer.press("Enter")
    await chat.sees("Image cat.png, image/png")
    await chat.sees("File dropped.csv, text/csv")
    assert await chat.page.get_by_text("pasted.csv").count() == 0


async def test_what_cannot_be_sent_says_why(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    settings = {"UPLOADS__MAX_SIZE_MB": "0.001", "UPLOADS__ACCEPT": '["image/*", ".csv"]'}
    server = await serve(app=EXAMPLE.read_text("utf-8"), settings=settings)
    chat = await open_tab(server.url)
    for name, content in (("big.csv", b"x" * 2000), ("a.txt", b"text"), ("empty.csv", b""), ("lie.png", b"no image")):
        (tmp_path / name).write_bytes(content)
        async with chat.page.expect_file_chooser() as chooser:
            await chat.page.get_by_role("button", name="Attach files").click()
        await (await chooser.value).set_files(tmp_path / name)
    await chat.sees("big.csv is too large: at most 1 kB.")
    await chat.sees("a.txt is not among image/*, .csv.")
    await chat.sees("empty.csv is empty.")
    await chat.sees("`lie.png` cannot be sent")
    await chat.portray("uploads-refused")


async def test_an_upload_is_tried_again_after_the_network_was_away(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    (tmp_path / "a.csv").write_text("a,b")
    await chat.page.route("**/files?*", lambda route: route.abort())
    async with chat.page.expect_file_chooser() as chooser:
        await chat.page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files(tmp_path / "a.csv")
    again = chat.page.get_by_role("button", name="Try again")
    await again.wait_for()
    await chat.page.unroute("**/files?*")
    await again.click()
    await again.wait_for(state="detached")
    await chat.say("count it")
    await chat.sees("File a.csv, text/csv, 3 bytes")


async def test_a_large_upload_is_cancelled(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    release = asyncio.Event()

    async def hold(route: Any) -> None:
        await release.wait()
        await route.abort()

    await chat.page.route("**/files?*", hold)
    (tmp_path / "a.csv").write_text("a,b")
    async with chat.page.expect_file_chooser() as chooser:
        await chat.page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files(tmp_path / "a.csv")
    await chat.page.get_by_role("button", name="Cancel sending a.csv").click()
    await chat.sees_not("a.csv")
    release.set()
