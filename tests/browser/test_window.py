"""The chat inside another page, of another origin, in a real Chromium."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.server import free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "window.py"

HOST = """<!doctype html>
<html lang="en">
<title>Shop</title>
<iframe id="chat" title="Chat" src="CHAT" style="width: 100%; height: 760px; border: 0"></iframe>
<script>
  const chat = document.getElementById("chat");
  const origin = new URL(chat.src).origin;
  const cart = [];
  window.heard = [];
  addEventListener("message", ({ data, origin: from, source }) => {
    if (from !== origin || source !== chat.contentWindow) return;
    heard.push(data);
    if (data?.type !== "convo:call") return;
    const reply = (result) => source.postMessage({ type: "convo:result", id: data.id, ...result }, origin);
    if (data.args.item === "gold") return reply({ error: "sold out" });
    if (data.args.item === "nothing yet") return;
    cart.push(data.args.item);
    reply({ value: cart.length });
  });
</script>
</html>
"""


@pytest.fixture
def hold() -> Iterator[Callable[[str], str]]:
    """Serves a page of another origin that holds the chat in a frame."""
    servers: list[http.server.HTTPServer] = []

    def hold(chat: str, port: int = 0) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = HOST.replace("CHAT", chat).encode()
                self.send_response(200 if self.path == "/" else 204)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                if self.path == "/":
                    self.wfile.write(page)

            def log_message(self, *_: object) -> None: ...

        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield hold
    for server in servers:
        server.shutdown()
        server.server_close()


async def embedded(context: Any, host: str) -> tuple[Any, Any]:
    """The page that holds the chat, and the chat in it."""
    page = await context.new_page()
    await page.goto(host)
    chat = page.frame_locator("#chat")
    await chat.get_by_role("textbox", name="Message").wait_for()
    return page, chat


async def say(chat: Any, text: str) -> None:
    composer = chat.get_by_role("textbox", name="Message")
    await composer.fill(text)
    await composer.press("Enter")


async def heard(page: Any, message: Any) -> None:
    wanted = json.dumps(json.dumps(message, separators=(",", ":")))
    await page.wait_for_function(f"() => heard.some((data) => JSON.stringify(data) === {wanted})")


async def test_a_page_talks_with_the_chat_in_it_and_runs_its_calls(
    serve: Any, context: Any, hold: Any, free: int
) -> None:
    host = f"http://127.0.0.1:{free}"
    server = await serve(app=EXAMPLE.read_text("utf-8"), settings={"SERVER__ALLOWED_ORIGINS": json.dumps([host])})
    hold(server.url, free)
    page, chat = await embedded(context, host)
    await heard(page, {"type": "convo:ready"})

    await page.evaluate("chat.contentWindow.postMessage({ page: '/prices' }, origin)")
    await chat.get_by_text("The page says").wait_for()
    await heard(page, {"received": {"page": "/prices"}})

    await say(chat, "add apples")
    await chat.get_by_text("There are 1 things in your cart now.").wait_for()
    await chat.get_by_text("Your cart has changed.").wait_for()
    await chat.get_by_text("2 tokens").wait_for()
    await say(chat, "add gold")
    await chat.get_by_text("The shop could not do that: sold out").wait_for()


async def test_a_call_waits_through_a_reload_of_the_page(serve: Any, context: Any, hold: Any, free: int) -> None:
    host = f"http://127.0.0.1:{free}"
    server = await serve(app=EXAMPLE.read_text("utf-8"), settings={"SERVER__ALLOWED_ORIGINS": json.dumps([host])})
    hold(server.url, free)
    page, chat = await embedded(context, host)
    await say(chat, "add nothing yet")
    await page.wait_for_function("() => heard.some((data) => data.type === 'convo:call')")
    before = await page.evaluate("heard.find((data) => data.type === 'convo:call').id")

    # The frame is reloaded where it stands, as by a lost network; the page around it stays.
    frame = next(frame for frame in page.frames if frame.url.startswith(server.url))
    await page.evaluate("heard.length = 0")
    await frame.evaluate("() => void setTimeout(() => location.reload())")
    await page.wait_for_function("() => heard.some((data) => data.type === 'convo:call')")
    assert await page.evaluate("heard.find((data) => data.type === 'convo:call').id") == before
    reply = {"type": "convo:result", "id": before, "value": 7}
    await page.evaluate(f"chat.contentWindow.postMessage({json.dumps(reply)}, origin)")
    await chat.get_by_text("There are 7 things in your cart now.").wait_for()


async def test_a_page_that_is_not_named_cannot_hold_the_chat(serve: Any, context: Any, hold: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    page = await context.new_page()
    async with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        host = hold(server.url)
        await page.goto(host)
    await server.said(f"'{host}' shows the app in a frame")
    assert await page.evaluate("heard") == []


async def test_a_chat_on_its_own_says_at_once_that_nobody_runs_a_function(serve: Any, open_tab: Any) -> None:
    server = await serve(app=EXAMPLE.read_text("utf-8"))
    chat = await open_tab(server.url)
    await chat.say("add apples")
    await chat.sees("The shop could not do that: This chat is not part of a page that could run it.")
    await chat.sees("2 tokens")
    await chat.portray("window")
    await chat.page.evaluate("window.postMessage('from the page itself', '*')")
    await chat.say("hello")
    await chat.sees("what you want to buy")
    assert "from the page itself" not in await chat.transcript()


@pytest.fixture
def free() -> int:
    return free_port()
