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
    server = await serve(app=EXAMPLE.read_text("utf-8"), settings={"FEATURES__UPLOADS__MAX_FILES": "4"})
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
    settings = {"FEATURES__UPLOADS__MAX_SIZE_MB": "0.001", "FEATURES__UPLOADS__ACCEPT": '["image/*", ".csv"]'}
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


PASTE_CELLS = """
() => {
    const data = new DataTransfer();
    data.setData("text/plain", "cell A");
    data.setData("text/html", "<b>cell A</b>");
    data.items.add(new File(["x"], "image.png", { type: "image/png" }));
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    return document.getElementById("composer").dispatchEvent(event);
}
"""


async def test_a_folder_is_no_file_and_cells_are_no_picture(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"), settings={"FEATURES__UPLOADS__MAX_FILES": "1"})
    chat = await open_tab(server.url)
    await chat.page.get_by_role("button", name="Attach files").wait_for()
    assert await chat.page.evaluate(PASTE_CELLS)  # left to the browser, which pastes the text
    folder = tmp_path / "reports"
    folder.mkdir()
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text("a,b")
    devtools = await chat.page.context.new_cdp_session(chat.page)
    paths = [str(folder), *(str(tmp_path / name) for name in ("a.csv", "b.csv", "c.csv"))]
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": paths, "dragOperationsMask": 1}
        await devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 500, "y": 300, "data": data})
    await chat.sees("reports is a folder. Drop the files in it instead.")
    await chat.sees("2 more files")
    await chat.sees("At most 1 can be sent at a time.")
    await chat.page.locator(".attachment.is-done", has_text="a.csv").wait_for()
    await chat.say("count them")
    await chat.sees("File a.csv, text/csv, 3 bytes")
    assert await chat.page.locator(".attachment").count() == 0  # what was refused has been seen


async def test_no_message_goes_without_a_file_that_is_on_its_way(
    serve: Any, connect: Any, open_tab: Any, tmp_path: Path
) -> None:
    network = await connect(await serve(app=EXAMPLE.read_text("utf-8")))
    chat = await open_tab(network.url)
    (tmp_path / "a.csv").write_text("a,b")
    await chat.page.get_by_role("button", name="Attach files").wait_for()
    network.cut()
    await chat.page.locator("input[type=file]").first.set_input_files(tmp_path / "a.csv")
    await chat.page.get_by_role("button", name="Try again").wait_for()
    await chat.say("count it")
    await chat.sees("a.csv is not sent yet. Try again or remove it first.")
    network.mend()
    await chat.page.locator(".attachment.is-done", has_text="a.csv").wait_for(timeout=30_000)
    await chat.composer.press("Enter")
    await chat.sees("File a.csv, text/csv, 3 bytes")


async def test_files_wait_in_their_chat_also_over_a_reload(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"), settings={"DATA__URL": "sqlite:///chats.db"})
    chat = await open_tab(server.url)
    await chat.say("the first chat")
    other = await open_tab(server.url)
    await other.say("the second chat")
    chats = chat.page.get_by_role("navigation")
    await chats.get_by_text("the second chat").wait_for()
    (tmp_path / "a.csv").write_text("a,b")
    await chat.page.locator("input[type=file]").first.set_input_files(tmp_path / "a.csv")
    attached = chat.page.locator(".attachment.is-done", has_text="a.csv")
    await attached.wait_for()
    await chat.page.reload()
    await attached.wait_for()
    await chats.get_by_text("the second chat").click()
    await attached.wait_for(state="detached")
    await chats.get_by_text("the first chat").click()
    await attached.wait_for()
    await chat.say("count it")
    await chat.sees("File a.csv, text/csv, 3 bytes")
    await chat.page.reload()
    await chat.sees("File a.csv, text/csv, 3 bytes")
    assert await attached.count() == 0


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
    await chat.page.locator(".attachment.is-done", has_text="a.csv").wait_for()
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
