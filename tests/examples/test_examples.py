"""Every example runs."""

from __future__ import annotations

import ast
import gzip
import json
import runpy
import sys
from functools import partial
from pathlib import Path
from typing import Any

import convo
import httpx
import pytest
from convo.loader import load_app
from convo.protocol import (
    AudioChunk,
    AudioInterrupted,
    CommandError,
    McpConnect,
    Toast,
    WindowMessage,
    encode,
    new_id,
)
from convo.testing import ChatClient, draw_tree

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def example(name: str) -> ChatClient:
    return ChatClient(load_app(str(EXAMPLES / name)))


def test_the_list_of_examples_says_of_each_what_its_own_first_lines_say() -> None:
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    for file in EXAMPLES.glob("*.py"):
        told = (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").split("\n\n")[0].replace("\n", " ")
        assert f"- [`{file.name}`]({file.name}): {told}\n" in listed
    assert listed.count("\n- [") == len(list(EXAMPLES.glob("*.py")))


async def test_echo() -> None:
    async with example("echo.py") as chat:
        assert (await chat.send("hi")).content == "You said: hi"


async def test_streaming() -> None:
    async with example("streaming.py") as chat:
        assert (await chat.send("one two")).content == "eno owt "


async def test_markdown() -> None:
    async with example("markdown.py") as chat:
        assert (await chat.send("a table, please")).content.startswith("## Tables")
        everything = (await chat.send("all")).content
        assert all(part in everything for part in ("\\[", "```mermaid", "[!NOTE]", "[^news]:", "<details>"))


async def test_steps() -> None:
    async with example("steps.py") as chat:
        reply = await chat.send("apple coffee gold")

        assert reply.content == "2 of 3 found, 7.40 EUR together."
        assert [str(step) for step in reply.steps] == ["Shop(look_up_price, look_up_price, look_up_price)"]
        assert [node.step.is_error for node in reply.steps[0].children] == [False, False, True]


async def test_blocking() -> None:
    async with example("blocking.py") as chat:
        assert (await chat.send("hi")).content == "3 … 2 … 1 … done with 'hi'"


async def test_counter() -> None:
    async with example("counter.py") as chat:
        await chat.send("a")
        assert (await chat.send("b")).content == "That was message 2."
        other = await chat.new_chat()
        assert (await other.send("c")).content == "That was message 1."


async def test_mounted() -> None:
    async with example("mounted.py") as chat:
        assert (await chat.send("hi")).content == "You said: hi"


async def test_generation() -> None:
    async with example("generation.py") as chat:
        reply = await chat.send("Rome")

        assert reply.content.startswith("You asked about **Rome**")
        step = reply.steps[0].step
        assert step.generation is not None
        assert (step.generation.model, step.generation.input_token_count) == ("gpt-4o", 1204)
        assert step.generation.message_completion is not None
        assert step.generation.message_completion["content"] == step.output


async def test_chain_of_thought() -> None:
    seen = {}
    for profile in ("Developer", "Analyst", "Customer"):
        async with ChatClient(load_app(str(EXAMPLES / "chain_of_thought.py")), profile=profile) as chat:
            reply = await chat.send("Ada")
            assert reply.content == "I looked at your orders.\nOrder 4711 is on its way."
            seen[profile] = [str(step) for step in reply.steps]
            assert (b"internal margin" in b"".join(map(encode, chat.frames))) == (profile == "Developer")

    assert seen == {"Developer": ["Plan(find_orders)"], "Analyst": ["find_orders"], "Customer": []}


async def test_platforms() -> None:
    """On the web; `tests/platforms` has it everywhere."""
    async with example("platforms.py") as chat:
        assert (await chat.send("hello")).content == "User said: hello"
        await chat.click("Say it louder")
        assert chat.messages[-1].output == "HELLO!"
        assert (await chat.send("plan")).content == "All is done."


async def test_posting() -> None:
    site = runpy.run_path(str(EXAMPLES / "posting.py"))
    async with ChatClient(site["app"]) as chat:
        await chat.send("go")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site["site"]), base_url="http://test") as http:
            answer = await http.get(f"/jobs/{chat.thread_id}/done")

        assert answer.text == "Told."
        await chat.until(lambda: len(chat.messages) == 4)
        assert [message.output for message in chat.messages[2:]] == ["The report is ready.", "It was also filed."]
        assert [str(step) for step in chat.steps] == ["Report"]


async def test_inspect_values() -> None:
    async with example("inspect_values.py") as chat:
        reply = await chat.send("2")

        assert reply.content == "Looked at 2 customers."
        assert str(reply.steps[0]) == "Gather(load, query, read_log, call_a_broken_service)"
        load, query, _, broken = (node.step for node in reply.steps[0].children)
        assert '"name": "Customer 1"' in load.output
        assert (query.input.startswith("select"), query.language) == (True, "markdown")
        assert (broken.is_error, broken.output) == (True, "billing.internal answered 503 three times in a row.")
        assert "ConnectionError: billing.internal" in reply.steps[0].step.output


async def test_settings() -> None:
    async with example("settings.py") as chat:
        await chat.until(lambda: chat.settings)
        await chat.set_settings({"model": "small", "name": "Ada"}, live=True)
        await chat.set_settings({"model": "small", "name": "Ada"})
        assert chat.messages[-1].output == "From now on: small at 0.5."
        assert (await chat.send("hi")).content == "Kind words for Ada, by small."


async def test_profiles() -> None:
    async with example("profiles.py") as chat:
        assert (await chat.send("hi")).content == "The analyst answers; a message meanwhile: queue."
        assert [profile.name for profile in (await chat.app.info()).profiles] == ["analyst", "writer"]


async def test_custom_element() -> None:
    async with example("custom_element.py") as chat:
        ticket = await chat.until(lambda: next(iter(chat.elements()), None))
        assert (await chat.call_action(ticket, "advance")).value == "In progress"
        assert chat.elements()[0].props["progress"] == 50

        run = await chat.post("a table")
        await chat.answer({"day": "2026-12-24", "room": "cellar", "seats": 4})
        assert (await chat.reply(run)).messages[-1].output == "Booked: 2026-12-24, cellar, seats for 4."
        assert [element.name for element in chat.elements()] == ["Ticket"]


async def test_starters() -> None:
    async with example("starters.py") as chat:
        starter = (await chat.app.info()).starters[2]
        reply = await chat.send(starter.message, command=starter.command)
        assert reply.content == "You asked with `search`: Where is the timetable?"


async def test_commands() -> None:
    async with example("commands.py") as chat:
        await chat.until(lambda: chat.state.fields.get("modes"))
        assert (await chat.send("a cat", command="draw")).content == "draw, thorough: a cat"
        await chat.send("less")
        assert len(chat.state.fields["commands"]) == 1


async def test_branches() -> None:
    async with example("branches.py") as chat:
        for text in "abc":
            await chat.send(text)
        second = chat.messages[2]
        assert (await chat.edit(second.id, "B")).content == "You said a, then B. "
        await chat.show_branch(second.id)
        assert (await chat.send("d")).content == "You said a, then b, then d. "
        assert (await chat.send("fail")).status == "failed"
        assert (await chat.regenerate(chat.messages[-1].id)).status == "failed"


async def test_history() -> None:
    async with example("history.py") as chat:
        assert (await chat.send("What should I cook with pumpkins?")).content == "Noted. That makes 1 in this chat."
        await chat.until(lambda: chat.state.thread.name == "Cook pumpkins", "the title")
        assert (await chat.send("And soup?")).content == "Noted. That makes 2 in this chat."
        assert [thread.name for thread in await chat.threads()] == ["Cook pumpkins"]


async def test_feedback() -> None:
    async with example("feedback.py") as chat:
        await chat.send("tea")
        await chat.favour(chat.messages[0].id)
        await chat.rate(chat.messages[1].id, 0, "Tell me more.")
        await chat.until(lambda: chat.passed(Toast))
        assert chat.passed(Toast)[0].message == "Noted: thumb down. Tell me more."


async def test_actions() -> None:
    async with example("actions.py") as chat:
        await chat.until(lambda: chat.messages and len(chat.actions(chat.messages[0])) == 3)
        assert (await chat.click("greet")).value == {"greeted": "Ada"}
        assert chat.messages[-1].output == "Hello Ada!"
        assert (await chat.click("break")).status == "failed"
        await chat.click("leave")
        assert [action.name for action in chat.actions(chat.messages[0])] == ["greet", "break"]


async def test_asks() -> None:
    async with example("asks.py") as chat:
        await chat.asked()
        await chat.answer("Ada")
        drink = await chat.asked()
        await chat.answer("Tea", drink)
        voucher = await chat.asked()
        await chat.answer(await chat.upload(PNG, "voucher.png", ask=voucher))
        await chat.until(lambda: chat.messages[-1].output == "One tea, on the house.")


async def test_uploads() -> None:
    async with example("uploads.py") as chat:
        assert (await chat.send("hi")).content.startswith("Attach some files")
        note = await chat.upload(b"hello", "note.txt")
        assert (await chat.send("look", files=[note])).content == "- File **note.txt**, text/plain, 5 bytes\n"


async def test_tool_server() -> None:
    async with example("tool_server.py") as chat:
        assert "behind the plug" in (await chat.send("3 mile")).content
        await chat.command(McpConnect(id=new_id(), name="units"))
        await chat.until(lambda: chat.state.fields["mcp"]["units"].state == "connected")
        assert (await chat.send("what?")).content == "Write a number and one of mile, foot, pound."
        run = await chat.post("3 mile")
        ask = await chat.asked()
        await chat.answer(ask.spec["actions"][0], ask)
        assert (await chat.reply(run)).messages[-1].output == "3 mile = 4.83 km"


async def test_audio() -> None:
    async with example("audio.py") as chat:
        await chat.speak(b"\0\x40" * 2400)
        await chat.hush()
        await chat.until(lambda: len(chat.passed(AudioChunk)) >= 3)
        assert "I heard 0.1 s of sound" in chat.messages[0].output
        assert "50%" in chat.messages[0].output
        assert (await chat.send("quiet")).content == "Not a sound."


def said(chat: ChatClient) -> str:
    """What the app has said last."""
    return chat.messages[-1].output if chat.messages else ""


async def test_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken = runpy.run_path(str(EXAMPLES / "speech" / "service.py"))
    in_process = partial(httpx.AsyncClient, transport=httpx.ASGITransport(app=spoken["service"]))
    monkeypatch.setattr(httpx, "AsyncClient", in_process)
    high, low, silence = spoken["_tone"](1000, 0.5), spoken["_tone"](200, 0.5), bytes(2 * 24_000)
    async with example("voice.py") as chat:
        await chat.speak(high, low, silence)
        await chat.until(lambda: "I heard 2 words. The last one was low." in said(chat))
        assert [one.output for one in chat.messages if one.type == "user_message"] == ["high low"]
        await chat.until(lambda: len(chat.passed(AudioChunk)) > 10)
        interrupted = len(chat.passed(AudioInterrupted))
        await chat.speak(low)
        await chat.until(lambda: len(chat.passed(AudioInterrupted)) > interrupted)
        await chat.hush()
        await chat.until(lambda: "I heard 1 words. The last one was low." in said(chat))
        assert "".join((await chat.send("and in writing")).content).startswith("I heard 3 words.")


async def test_voice_without_its_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECH_URL", "http://127.0.0.1:9")
    async with example("voice.py") as chat:
        reply = await chat.send("hello")
        assert "The speech service at http://127.0.0.1:9 failed" in chat.messages[-1].output, reply


async def test_window() -> None:
    async with example("window.py") as chat:
        await chat.post_window_message({"page": "/prices"})
        await chat.until(lambda: chat.passed(WindowMessage))
        assert chat.passed(WindowMessage)[0].data == {"received": {"page": "/prices"}}
        run = await chat.post("add apples")
        assert (await chat.called()).args == {"item": "apples"}
        await chat.return_call(3)
        assert (await chat.reply(run)).content == "There are 3 things in your cart now."
        run = await chat.post("add gold")
        await chat.return_call(error="sold out")
        assert (await chat.reply(run)).content == "The shop could not do that: sold out"


async def test_pdf() -> None:
    async with example("pdf.py") as chat:
        report, annex = chat.elements((await chat.send("3")).messages[0])
        assert (report.mime, report.props, report.display) == ("application/pdf", {"page": 2}, "inline")
        assert (await chat.read(report)).count(b"/Type /Page ") == 3
        assert (annex.name, annex.display) == ("annex.pdf", "side")


async def test_plotly_charts() -> None:
    async with example("plotly_charts.py") as chat:
        sales, weather = chat.elements((await chat.send("show")).messages[0])
        assert json.loads(await chat.read(sales))["layout"]["title"]["text"] == "Sales by quarter"
        assert (sales.type, sales.mime, weather.size) == ("plotly", "application/json", "small")
        [tree] = chat.elements((await chat.send("tree")).messages[0])
        assert json.loads(await chat.read(tree))["data"][0]["type"] == "treemap"


async def test_dataframes() -> None:
    async with example("dataframes.py") as chat:
        orders, stock = chat.elements((await chat.send("30")).messages[0])
        head, rows = (json.loads(line) for line in gzip.decompress(await chat.read(orders)).splitlines())
        assert (head["rows"], head["columns"][0]) == (30, {"name": "order", "type": "integer", "isIndex": True})
        assert rows[0][:2] == [1000, 1001]
        assert (stock.name, stock.size) == ("Stock", "small")


async def test_elements() -> None:
    async with example("elements.py") as chat:
        reply = await chat.send("Pictures")
        assert [picture.mime for picture in chat.elements(reply.messages[0])] == ["image/png"] * 3
        reply = await chat.send("Sound and film")
        sound, film, file = chat.elements(reply.messages[0])
        assert (await chat.read(sound)).startswith(b"RIFF")
        assert (film.bytes, file.mime) == (None, "text/csv")
        reply = await chat.send("A report")
        assert [element.display for element in chat.elements(reply.messages[0])] == ["side", "side", "page"]


async def test_sidebar() -> None:
    async with example("sidebar.py") as chat:
        await chat.send("bread and tea")
        [cart] = chat.state.elements.values()
        assert chat.state.fields["sidebar"]["title"] == "Your cart"
        assert await chat.read(cart) == b"- bread: 3.20\n- tea: 4.50"
        assert (await chat.send("pay")).content == "That is 7.70. Thank you!"
        assert not chat.state.elements
        assert "sidebar" not in chat.state.fields


async def test_tasks() -> None:
    async with example("tasks.py") as chat:
        said = {message.id for message in (await chat.send("go")).messages}
        [tasks] = chat.state.elements.values()
        assert [task["status"] for task in tasks.props["tasks"]] == ["done", "done", "failed", "done"]
        assert {task["forId"] for task in tasks.props["tasks"]} == said | {None}


async def test_trace() -> None:
    async with example("trace.py") as chat:
        rome, atlantis = await chat.send("Rome"), await chat.send("Atlantis")
    assert rome.content == "Rome has sights and food. It is mild in Rome."
    assert atlantis.content == "Atlantis has sights and food."
    assert draw_tree(atlantis.steps, texts=False) == (
        "run Travel agent\n"
        "  llm Plan (gpt-4o 420+3)\n"
        "  retrieval search\n"
        "  retrieval search\n"
        '  tool weather ✗ "There is no weather of `Atlantis`."\n'
        "  llm Answer (gpt-4o 1280+5)"
    )


async def test_login() -> None:
    app = load_app(str(EXAMPLES / "login.py"))
    check = app.callbacks.get("password_auth_callback")
    assert check is not None
    ann, bob = await check("ann", "sesame"), await check("bob", "sesame")
    assert [await check("ann", "guess"), await check("eve", "sesame")] == [None, None]

    async with ChatClient(app, user=ann, profile="Write") as chat:
        assert (await chat.send("hi")).content == "Ann, as editor, in Write: hi"
    async with ChatClient(app, user=bob) as chat:
        assert (await chat.send("hi")).content == "Bob, as reader, in Read: hi"
    with pytest.raises(CommandError, match="Write"):
        async with ChatClient(app, user=bob, profile="Write"):
            pass


async def test_oauth() -> None:
    app = load_app(str(EXAMPLES / "oauth.py"))
    admit = app.callbacks.get("oauth_callback")
    assert admit is not None

    async def admitted(**said: Any) -> convo.User | None:
        user = convo.User("jane@example.com", metadata={"provider": "partners"})
        found: convo.User | None = await admit("partners", "a token", said, user)
        return found

    assert await admitted(email_verified=False) is None
    async with ChatClient(app, user=await admitted(email_verified=True, groups=["admins"])) as chat:
        assert (await chat.send("hi")).content == "You are jane@example.com, admin, by partners."


async def test_sharing() -> None:
    app = load_app(str(EXAMPLES / "sharing.py"))
    may_see = app.callbacks.get("on_shared_thread_view")
    assert may_see is not None
    async with ChatClient(app) as chat:
        assert (await chat.send("tea or coffee")).content == "You said: tea or coffee"

    def thread(text: str) -> dict[str, Any]:
        return {"steps": [{"type": "user_message", "output": text}]}

    assert await may_see(thread("tea"), None)
    assert not await may_see(thread("This is CONFIDENTIAL."), None)
    assert await may_see(thread("This is CONFIDENTIAL."), convo.User("ann"))


def test_every_example_has_a_test_and_says_how_to_run_it() -> None:
    for path in EXAMPLES.glob("*.py"):
        assert f"test_{path.stem}" in globals()
        assert f"examples/{path.name}" in path.read_text().split('"""')[1]


@pytest.fixture(autouse=True)
def _keep_the_import_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading an app puts its folder on the import path, as running it would."""
    monkeypatch.setattr(sys, "path", list(sys.path))
