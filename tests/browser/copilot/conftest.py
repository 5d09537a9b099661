"""A page of another origin with the widget in it, in a real Chromium that blocks the cookies of others."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.conftest import AXE
from tests.harness.server import free_port

APP = """
import convo

@convo.on_window_message
async def notice(data):
    await convo.Message(f"The page says {data['page']}.").send()
    await convo.send_window_message({"received": data})

@convo.on_message
async def answer(message):
    verb, _, rest = message.content.partition(" ")
    if verb == "add":
        try:
            count = await convo.CopilotFunction(name=rest.split()[0], args={"item": rest.split()[-1]}).acall(timeout=60)
        except convo.CallFailed as error:
            await convo.Message(f"Refused: {error.reason}").send()
            return
        await convo.Message(f"{count} in the cart.").send()
    elif verb == "ask":
        said = await convo.AskUserMessage("What is your name?", timeout=60).send()
        await convo.Message(f"Hello {said['output']}.").send()
    elif verb == "step":
        async with convo.Step(name="Search", type="tool") as step:
            step.output = "found"
        await convo.Message("Searched.").send()
    elif verb == "picture":
        square = convo.Image(name="square", content=SQUARE, display="inline")
        await convo.Message("Here.", elements=[square]).send()
    else:
        reply = convo.Message("")
        for word in f"You said **{message.content}**, and that is all.".split(" "):
            await reply.stream_token(word + " ")
        await reply.send()

import base64
SQUARE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""

HOST = """<!doctype html>
<html lang="en">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title>
<style>
  html { font-size: 62.5%; }
  * { font-family: fantasy !important; color: red !important; letter-spacing: 4px !important;
    box-sizing: content-box !important; }
  button, textarea, section, div { display: block !important; background: lime !important; padding: 30px !important; }
  convo-widget { display: none !important; opacity: 0 !important; transform: scale(3) !important;
    z-index: -1 !important; pointer-events: none !important; visibility: hidden !important;
    position: static !important; }
  body { transform: translateX(10px); background: BACKGROUND !important; color: INK !important; }
  p, h1, label, input { color: INK !important; }
</style>
</head>
<body>
<main>
  <h1>Shop</h1>
  <p>Two things, and a form.</p>
  <label>Name <input id="field"></label>
</main>
<script src="APP/copilot/index.js"></script>
<script>
  window.keys = [];
  for (const name of ["keydown", "keyup", "keypress", "input", "paste", "beforeinput"])
    document.addEventListener(name, (event) => keys.push(name));
  window.heard = [];
  for (const name of ["open", "close", "ready", "thread", "message", "error", "unmount"])
    addEventListener(`convo:${name}`, ({ detail }) => heard.push({ name, ...detail }));
  window.ran = Number(sessionStorage.getItem("ran") ?? 0);
  window.before = [document.documentElement.outerHTML.length];
  const run = () => { sessionStorage.setItem("ran", ++ran); };
  window.functions = {
    count: { args: { item: "string" }, run: () => { run(); return 3; } },
    number: { args: { item: "number" }, run },
    later: { args: { item: "string" }, run: () => { run(); if (ran === 1) return new Promise(() => {}); return 7; } },
  };
  window.chat = mountConvoWidget({ label: "Ask the shop", functions, ...OPTIONS });
</script>
</body>
</html>
"""

# A closed shadow root is closed for tests too: theirs is open, but for the one that looks at that.
OPENED = """
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: "open" }); };
"""

FLAGS = ["--test-third-party-cookie-phaseout"]


@pytest.fixture
def flags() -> list[str]:
    return FLAGS


class Page(http.server.BaseHTTPRequestHandler):
    text = ""

    def do_GET(self) -> None:
        is_page = self.path == "/"
        self.send_response(200 if is_page else 204)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if is_page:
            self.wfile.write(self.text.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def hold() -> Iterator[Callable[..., None]]:
    """Serves a page with the widget."""
    servers: list[http.server.HTTPServer] = []

    def hold(app: str, port: int, *, is_dark: bool = False, options: str = "{}") -> None:
        background, ink = ("#111", "#eee") if is_dark else ("#fff", "#111")
        text = HOST.replace("APP", app).replace("BACKGROUND", background).replace("INK", ink)
        handler = type("Held", (Page,), {"text": text.replace("OPTIONS", options)})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    yield hold
    for server in servers:
        server.shutdown()
        server.server_close()


class Shop:
    """A page with a widget, as its reader sees it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def composer(self) -> Any:
        return self.page.get_by_role("textbox", name="Message")

    async def open(self) -> None:
        await self.page.get_by_role("button", name="Ask the shop").click()
        await self.composer.wait_for()

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str) -> None:
        await self.page.get_by_text(text).first.wait_for(timeout=15_000)

    async def heard(self, name: str) -> Any:
        found = await self.page.wait_for_function("name => heard.find((one) => one.name === name)", arg=name)
        return await found.json_value()

    async def inside(self, script: str) -> Any:
        return await self.page.evaluate(f"(root => {script})(document.querySelector('convo-widget').shadowRoot)")

    async def leaves_by_escape(self) -> None:
        """Closes the chat, from within, and is back at its button."""
        assert await self.inside("root.querySelector('.widget-panel').contains(root.activeElement)")
        await self.page.keyboard.press("Escape")
        await self.page.wait_for_function("() => !chat.isOpen")
        assert await self.inside("root.activeElement.className") == "launch"

    async def violations(self) -> list[str]:
        await self.page.evaluate(AXE.read_text("utf-8"))
        found = await self.page.evaluate("axe.run('convo-widget')")
        return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found["violations"]]


Begin = Callable[..., Any]


@pytest.fixture
async def begin(serve: Any, context: Any, hold: Any) -> Begin:
    """A server, and a page of another site with its widget."""

    async def begin(*, is_dark: bool = False, options: str = "{}", app: str = APP, **settings: str) -> Shop:
        port = free_port()
        host = f"http://127.0.0.1:{port}"
        settings = {"SERVER__ALLOWED_ORIGINS": json.dumps([host]), "DATA__URL": "sqlite:///chats.db"} | settings
        server = await serve(app=app, settings=settings)
        hold(f"http://localhost:{server.port}", port, is_dark=is_dark, options=options)
        await context.add_init_script(OPENED)
        shop = Shop(await context.new_page())
        await shop.page.goto(host)
        return shop

    return begin
