"""What a message shows besides its text, in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "elements.py"

LONG = "One line of many.\n\n" * 60
UNHAPPY = f"""
import convo
from convo.protocol import Element, ElementPut

@convo.on_message
async def show(message):
    broken = b"\\x89PNG\\r\\n\\x1a\\n" + b"0" * 9
    elements = [convo.Text("long text", content={LONG!r}), convo.Image("broken", content=broken)]
    said = await convo.Message("Here they are.", elements=elements).send()
    session = convo.context.session
    for type, name, url in (
        ("hologram", "from the future", None),
        ("image", "refused", "javascript:alert(1)"),
        ("text", "missing text", "api/v1/threads/x/files/y"),
        ("text", "elsewhere", "https://example.com/a.txt"),
        ("file", "empty", None),
    ):
        session.append(ElementPut(element=Element(id=name, type=type, name=name, url=url, for_id=said.id)))
"""


async def test_pictures_make_a_grid_and_open_large(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.say("Pictures")
    picture = chat.page.get_by_role("button", name="Enlarge noon")
    await picture.wait_for()
    await chat.page.wait_for_function(
        "() => [...document.images].length === 3 && [...document.images].every(i => i.naturalWidth)"
    )
    assert await chat.page.get_by_role("img", name="noon").count() == 1
    await chat.portray("elements-pictures")
    await picture.click()
    dialog = chat.page.get_by_role("dialog", name="Pictures")
    await dialog.get_by_text("2 of 3").wait_for()
    await chat.portray("elements-lightbox")
    await chat.page.keyboard.press("ArrowRight")
    await dialog.get_by_role("img", name="dusk").wait_for()
    await dialog.get_by_role("button", name="Next picture").click()
    await dialog.get_by_role("img", name="dawn").wait_for()
    await chat.page.keyboard.press("+")
    assert "scale(1.5)" in str(await dialog.get_by_role("img", name="dawn").get_attribute("style"))
    await dialog.get_by_role("button", name="Smaller").click()
    assert await dialog.get_by_role("button", name="Smaller").is_disabled()
    await chat.page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    assert await picture.evaluate("button => button === document.activeElement")


async def test_sounds_films_and_files(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.say("Sound and film")
    play = chat.page.get_by_role("button", name="Play Big Buck Bunny")
    await play.wait_for()
    await chat.page.wait_for_function("() => document.querySelector('audio')?.duration === 1")
    await chat.portray("elements-media")
    async with chat.page.expect_download() as download:
        await chat.page.get_by_role("link", name="Download tides.csv").click()
    assert (await download.value).suggested_filename == "tides.csv"
    assert all(host.startswith("127.0.0.1") for host in chat.hosts)  # nothing is asked of the host before the click

    asked: list[Any] = []

    async def player(route: Any) -> None:
        asked.append(route.request)
        await route.fulfill(content_type="text/html", body="<p>the film</p>")

    await chat.page.route("https://www.youtube-nocookie.com/**", player)
    await play.click()
    frame = chat.page.get_by_title("Big Buck Bunny")
    await frame.wait_for()
    source = str(await frame.get_attribute("src"))
    assert source.startswith("https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?")
    await chat.page.frame_locator("iframe").locator("p", has_text="the film").wait_for()
    assert (await asked[0].all_headers())["referer"] == f"{server.url}/"  # some hosts play for nobody unknown
    chat.hosts.discard("www.youtube-nocookie.com")


async def test_names_are_links_beside_the_chat_and_to_pages(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.say("A report")
    link = chat.page.locator("main").get_by_role("link", name="the report")
    await link.click()
    panel = chat.page.get_by_role("complementary", name="the report")
    await panel.get_by_role("heading", name="Tides of the week").wait_for()
    await chat.portray("elements-panel")
    await panel.get_by_role("tab", name="the query").click()
    await chat.page.get_by_role("complementary", name="the query").get_by_text("max(height)").wait_for()
    await chat.page.reload()
    query = chat.page.get_by_role("complementary", name="the query")
    await query.get_by_text("max(height)").wait_for()
    edge = query.get_by_role("separator", name="Width of the panel")
    before = (await query.bounding_box())["width"]
    await edge.press("ArrowLeft")
    assert (await query.bounding_box())["width"] == before + 24
    await link.click()
    await chat.page.keyboard.press("Escape")
    await chat.page.get_by_role("complementary").wait_for(state="detached")
    assert await link.evaluate("link => link === document.activeElement")

    await chat.page.get_by_role("link", name="the map").click()
    await chat.page.wait_for_url("**/thread/*/element/*")
    await chat.page.get_by_role("heading", name="the map").wait_for()
    await chat.page.get_by_role("img", name="the map").wait_for()
    await chat.portray("elements-page")
    await chat.page.reload()
    await chat.page.get_by_role("img", name="the map").wait_for()
    await chat.page.go_back()
    await chat.sees("Read the report, made by the query.")
    assert "/element/" not in chat.page.url
    await chat.page.go_forward()
    await chat.page.get_by_role("button", name="Back to the chat").click()
    await chat.page.wait_for_url(lambda url: "/element/" not in url)
    await link.wait_for()
    await chat.page.goto(f"{chat.page.url}/element/unknown")
    await chat.sees("This is not part of the chat any more.")
    await chat.shot("elements-page-gone")
    await chat.page.get_by_role("button", name="Back to the chat").first.click()
    await chat.page.wait_for_url(lambda url: "/element/" not in url)
    await link.wait_for()


async def test_what_cannot_be_shown_says_why(serve: Any, open_tab: Any) -> None:
    server = await serve(app=UNHAPPY)
    chat = await open_tab(server.url)
    await chat.say("hi")
    for text in (
        "It could not be loaded.",
        "This page is older than the server",
        "Its address is not one that can be opened safely.",
        "The file is not there any more.",
        "Another site keeps it.",
        "It has no content.",
    ):
        await chat.sees(text)
    await chat.portray("elements-unhappy")
    more = chat.page.get_by_role("button", name="Show all")
    await more.click()
    await chat.page.get_by_role("button", name="Show less").wait_for()


async def test_what_a_user_attaches_stands_with_his_message(serve: Any, open_tab: Any, tmp_path: Path) -> None:
    server = await serve(
        app="import convo\n\n@convo.on_message\nasync def say(message):\n    await convo.Message('Seen.').send()\n"
    )
    chat = await open_tab(server.url)
    (tmp_path / "cat.png").write_bytes(await chat.page.screenshot())
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "data.csv").write_text("a,b")
    async with chat.page.expect_file_chooser() as chooser:
        await chat.page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files([tmp_path / name for name in ("cat.png", "paper.pdf", "data.csv")])
    await chat.page.get_by_role("button", name="Remove data.csv").wait_for()
    await expect(chat.page.locator(".attachment.is-done")).to_have_count(3)
    await chat.say("Look at these")
    await chat.sees("Seen.")
    await chat.page.get_by_role("button", name="Enlarge cat.png").wait_for()
    await chat.page.get_by_role("link", name="Download data.csv").wait_for()
    await chat.portray("elements-attached")
    await chat.page.get_by_role("link", name="paper.pdf").wait_for()


async def test_a_page_that_is_opened_before_anything_was_said_leads_back(serve: Any, open_tab: Any) -> None:
    app = """
import convo

@convo.on_chat_start
async def start():
    plan = convo.Text("the plan", content="## Step one", display="page")
    await convo.Message("Look at the plan.", elements=[plan]).send()

@convo.on_message
async def stream(message):
    source = convo.Text("page 1", content="Once upon a time", display="side")
    answer = convo.Message("", elements=[source])
    await answer.send()
    for word in ("It ", "is ", "on ", "pa", "ge 1", ", and ", "in `page 1`"):
        await answer.stream_token(word)
    await convo.sleep(60)
"""
    server = await serve(app=app)
    chat = await open_tab(server.url)
    link = chat.page.locator("main").get_by_role("link", name="the plan")
    await link.click()
    await chat.page.get_by_role("heading", name="Step one").wait_for()
    await chat.page.keyboard.press("Escape")
    await chat.sees("Look at the plan.")
    await expect(link).to_be_focused()
    await chat.say("Where is it?")
    named = chat.page.locator("main .is-open").get_by_role("link", name="page 1")  # while it is written
    await named.click()
    await chat.page.get_by_role("complementary", name="page 1").get_by_text("Once upon a time").wait_for()
    assert await named.count() == 1


async def test_a_page_is_found_though_its_message_is_far_up(serve: Any, open_tab: Any) -> None:
    app = """
import convo

@convo.on_message
async def fill(message):
    plan = convo.Text("the plan", content="## Step one", display="page")
    await convo.Message("Look at the plan.", elements=[plan]).send()
    for number in range(100):
        await convo.Message(f"Question {number}", type="user_message").send()
        await convo.Message(f"Answer {number}").send()
"""
    server = await serve(app=app)
    writer = await open_tab(server.url)
    await writer.say("go")
    await writer.page.get_by_role("link", name="the plan").click()
    await writer.page.wait_for_url("**/element/*")
    address = writer.page.url
    await writer.page.close()
    chat = await open_tab(address.partition("/element/")[0])
    await chat.sees("Answer 99")
    assert await chat.page.get_by_text("Look at the plan.").count() == 0
    await chat.page.goto(address)
    await chat.page.get_by_role("heading", name="Step one").wait_for()
