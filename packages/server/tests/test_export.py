"""A thread as a file to keep: by plain HTTP, in three formats, with nothing in it that runs."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from html.parser import HTMLParser

import convo
import pytest
from convo.datalayer import Changes
from convo.memory import MemoryDataLayer
from convo.protocol import State, ThreadInfo
from convo.protocol import Step as StepNoun
from convo_server.export.prose import Prose

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ATTACK = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3)) $\\text{<script>alert(4)</script>}$"
)
ANSWER = f"""# A heading

| a | b |
|---|---|
| 1 | **2** |

Costs $5 and $6, and $E = mc^2$.

$$
\\begin{{aligned}} x &= 1 \\\\ y &= 2 \\end{{aligned}}
$$

- [x] done

![chart](https://elsewhere.example/beacon.png) [ours](public/a.txt)

{ATTACK}

```python
print("<b>")
"""


class Kept(MemoryDataLayer):
    is_durable = True


@pytest.fixture
def app() -> convo.App:
    app = convo.App(data_layer=Kept())

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step(name="look up", type="tool", show_input=True) as step:
            step.input = "the query"
            step.output = '{"rows": ["<i>3</i>"]}'
        async with convo.Step(name="secret thoughts", type="llm") as step:
            step.output = "hm"
        convo.user_session.set("token", "not to be seen")
        elements = [
            convo.Image(name="dot", content=PIXEL),
            convo.Image(name="huge", content=PIXEL + bytes(1024 * 1024)),
            convo.File(name='<"report">.csv', content=b"a,b\n" * 500, mime="text/csv"),
        ]
        await convo.Message(ANSWER, author="Atlas <b>", elements=elements).send()

    return app


async def a_chat(start, app, text="Hello\n" + ATTACK, **sections):
    """A server, its visitor, the address of a chat he had, and the tab he had it in."""
    server = await start(app, **sections)
    client = await server.client()
    tab = await client.socket().connect()
    await tab.ask(text)
    url = f"api/v1/threads/{tab.hello['thread']}"
    await client.http.patch(url, json={"name": 'Grüße / "Q3" <b>'})
    return server, client, url, tab


class Reader(HTMLParser):
    """What a browser would make of a file: its elements with their attributes, and the texts of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


async def test_markdown_has_what_was_said_as_it_was_written(start, app):
    _, client, url, _ = await a_chat(start, app)
    response = await client.http.get(f"{url}/export?format=markdown")
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''Gr%C3%BC%C3%9Fe%20Q3%20b.md" in response.headers["content-disposition"]
    text = response.text
    assert text.startswith('# Grüße / "Q3" \\<b\\>\n')
    assert "\n## You\n" in text
    assert "\n## Atlas \\<b\\>\n" in text
    assert "| 1 | **2** |" in text
    assert re.search(r"> \*\*look up\*\* \(tool, \d+\.\d s\)\n", text)
    assert '> ```json\n> {\n>   "rows": [' in text
    end = text[text.index('print("<b>")') :]
    assert end.startswith('print("<b>")\n\n```\n\n- [dot](<http://127.0.0.1:')
    assert re.search(r'- \[\\<"report"\\>\.csv\]\(<http://127[^>]+>\) \(text/csv, 2\.0 kB\)', end)
    assert "not to be seen" not in text


async def test_html_is_whole_without_a_network_and_nothing_in_it_runs(start, app):
    _, client, url, _ = await a_chat(start, app)
    response = await client.http.get(f"{url}/export?format=html")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"].startswith("sandbox")
    page = Reader(response.text)
    assert page.all("script") == []
    assert page.all("link") == []
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]
    assert [image["src"][:22] for image in page.all("img")] == ["data:image/png;base64,"]
    links = [link["href"] for link in page.all("a")]
    assert "https://elsewhere.example/beacon.png" in links
    assert re.sub(r":\d+", "", links[1]) == "http://127.0.0.1/public/a.txt"
    assert all(link.startswith(("http://127.0.0.1:", "https://")) for link in links), links
    assert next(one for one in page.all("meta") if "http-equiv" in one)["content"].startswith("default-src 'none'")
    shown = [tag for tag, _ in page.elements if tag in ("table", "math", "h3", "mtable")]
    assert shown == ["h3", "table", "math", "math", "mtable", "math"]
    text = "".join(page.texts)
    assert text.count("<script>alert(1)</script>") == 2
    assert "☑ done" in text
    assert "Costs $5 and $6, and" in text
    assert 'print("<b>")' in text
    assert "huge image/png · 1.0 MB" in text
    assert "not to be seen" not in response.text


async def test_json_has_all_branches_of_what_the_owner_sees(start, app):
    _, client, url, tab = await a_chat(start, app)
    asked = next(one["step"] for one in tab.events if one["kind"] == "step-opened" and one["step"].get("by"))
    assert (await tab.command("edit", messageId=asked["id"], content="Another"))["ok"]
    await tab.until(lambda: [event["kind"] for event in tab.events].count("run-ended") == 2)
    found = (await client.http.get(f"{url}/export?format=json")).json()
    assert (found["version"], found["app"]) == (1, "Assistant")
    snapshot = (await client.http.get(url)).json()["state"]
    assert found["state"] == {name: value for name, value in snapshot.items() if name != "saved"}
    outputs = [step["output"] for step in found["state"]["steps"] if step["type"] == "user_message"]
    assert outputs == ["Hello\n" + ATTACK, "Another"]
    assert "session" not in found["state"]
    shown = (await client.http.get(f"{url}/export?format=markdown")).text
    assert "\nAnother\n" in shown
    assert "\nHello" not in shown


async def test_steps_that_the_page_hides_are_in_no_file(start, app):
    _, client, url, _ = await a_chat(start, app, ui={"cot": "tool_call"})
    for format in ("markdown", "html", "json"):
        text = (await client.http.get(f"{url}/export?format={format}")).text
        assert "look up" in text
        assert "secret thoughts" not in text


async def test_who_speaks_is_called_as_in_the_profile_of_the_chat(start, app):
    @app.set_chat_profiles
    async def profiles() -> list[convo.ChatProfile]:
        named = {"project": {"name": "Counsel"}}
        return [convo.ChatProfile(name="law", markdown_description="", config_overrides=named)]

    client = await (await start(app)).client()
    tab = await client.socket().connect(profile="law")
    await tab.ask("Hello")
    text = (await client.http.get(f"api/v1/threads/{tab.hello['thread']}/export")).text
    assert "\n*Counsel · " in text


async def test_what_is_anothers_or_nonsense_is_refused(start, app):
    server, client, url, _ = await a_chat(start, app)
    stranger = await server.client()
    assert (await stranger.http.get(f"{url}/export?format=html")).status_code == 404
    assert (await client.http.get("api/v1/threads/none/export")).status_code == 404
    wrong = await client.http.get(f"{url}/export?format=pdf")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid")
    assert "`markdown`, `html`, `json`" in wrong.json()["text"]
    await client.http.delete(url)
    assert (await client.http.get(f"{url}/export")).status_code == 404


async def test_a_long_thread_comes_in_pieces_and_others_have_their_turn_meanwhile(start):
    layer, app = Kept(), convo.App()
    app.data_layer(lambda: layer)
    server = await start(app)
    client = await server.client()
    owner = next(iter(client.http.cookies.values())).partition(".")[0]
    steps = [
        StepNoun(
            id=f"m{n}",
            type="assistant_message" if n % 2 else "user_message",
            prior_id=f"m{n - 1}" if n else None,
            output=f"Message {n}: " + "some **words** of [a link](https://example.org). " * 6,
            created_at="2026-01-01T00:00:00.000Z",
        )
        for n in range(3000)
    ]
    state = State(thread=ThreadInfo(id="long"), steps=steps, leaf=steps[-1].id)
    await layer.apply(Changes("long", owner, await layer.claim_thread("long", "test"), 1, state, []))
    pauses: list[float] = []

    async def watch() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0)
            pauses.append(time.perf_counter() - begun)
            await asyncio.sleep(0.001)

    watching = asyncio.create_task(watch())
    pieces = 0
    text = ""
    begun = time.perf_counter()
    async with client.http.stream("GET", "api/v1/threads/long/export?format=html", timeout=60) as response:
        async for piece in response.aiter_text():
            pieces += 1
            text += piece
    seconds = time.perf_counter() - begun
    watching.cancel()
    assert "Message 2999:" in text
    assert text.endswith("</html>\n")
    assert pieces > 10
    assert max(pauses) < max(0.25, seconds / 4), f"{max(pauses):.3f} s of {seconds:.3f} s"


@pytest.mark.parametrize(
    "written",
    [
        "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))", "[a](data:text/html,x)", "[a](vbscript:x)",
        "<javascript:alert(1)>", "![a](javascript:alert(1))", "![a](data:image/svg+xml;base64,PHN2Zz4=)",
        '[a](http://x"onmouseover="alert(1))', "[a](//evil.example)", "[a](\x01javascript:alert(1))",
        "[a](&#106;avascript:alert(1))", "<a href=javascript:alert(1)>", "<svg/onload=alert(1)>", "<!-- --!><script>",
        "```<script>\n</code></pre><script>alert(1)</script>\n```", "$\\href{javascript:alert(1)}{x}$",
        "$\\text{</math><script>alert(1)</script>}$", "$$\\text{<img src=x onerror=alert(1)>}$$", "$</code><script>$",
        "| a |\n|---|\n| <script>alert(1)</script> |", "[a]: javascript:alert(1)\n[a]", "`<script>`",
        '![a](https://x/"><script>alert(1)</script>)', "$\\style{background:url(//x)}{y}$",
    ],
)  # fmt: skip
@pytest.mark.parametrize("base", [None, "https://chat.example.org/"])
def test_markdown_becomes_html_that_is_safe(written: str, base: str | None) -> None:
    page = Reader(Prose(base).html(written))
    assert not {tag for tag, _ in page.elements} & {"script", "svg", "iframe", "object", "style", "img"}, written
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcset")], (
            tag,
            attributes,
        )
        assert attributes.get("href", "https://").startswith(("http://", "https://")), attributes


@pytest.mark.parametrize("tex", ["\\unknown{x}", "{{{", "\\begin{foo}", "{" * 900, "\\frac", "^"])
def test_a_formula_that_cannot_be_drawn_stands_as_it_was_written(tex: str) -> None:
    page = Reader(Prose().html(f"$${tex}$$"))
    assert page.all("math") == []
    assert tex in "".join(page.texts)


def test_json_is_json_line_by_line() -> None:
    from convo_server.export.record import Record

    state = State(thread=ThreadInfo(id="t", name="T"), steps=[StepNoun(id="a", type="tool", output="x")] * 3)
    text = "".join(Record(state, app="A", exported_at="now").pieces())
    assert json.loads(text)["state"]["steps"][2] == {"id": "a", "type": "tool", "output": "x"}
    assert text.count("\n") == 8


async def test_an_export_speaks_the_language_of_who_asks(start, app):
    _, client, url, _ = await a_chat(start, app)
    page = await client.http.get(f"{url}/export?format=html", headers={"Accept-Language": "de-AT, en;q=0.5"})
    assert Reader(page.text).all("html") == [{"lang": "de", "dir": "ltr"}]
    texts = [text.strip() for text in Reader(page.text).texts]
    assert {"Du", "Eingabe", "Ausgabe"} <= set(texts)
    assert any(text.endswith("exportiert am") for text in texts)
    assert re.search(r">\d\d\.\d\d\.20\d\d, \d\d:\d\d UTC</time>", page.text)
    assert re.search(r"tool · \d+,\d s<", page.text)
    assert "text/csv · 2,0 kB" in page.text

    client.http.cookies.set("convo_language", "ar")
    page = await client.http.get(f"{url}/export?format=html", headers={"Accept-Language": "de"})
    assert Reader(page.text).all("html") == [{"lang": "ar", "dir": "rtl"}]
    prose = next(found for name, found in Reader(page.text).elements if found.get("class") == "prose")
    assert prose["dir"] == "auto"  # what was said has a direction of its own

    client.http.cookies.set("convo_language", "ja")
    markdown = await client.http.get(f"{url}/export?format=markdown")
    assert "\n## あなた\n" in markdown.text
    assert re.search(r"\n\*20\d\d年\d\d月\d\d日 \d\d:\d\d UTC\*\n", markdown.text)
