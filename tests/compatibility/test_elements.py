"""Apps that show something beside text, and offer buttons."""

from __future__ import annotations

import gzip
import json

import pytest
from convo.protocol import Act, CommandError, new_id

from tests.compatibility.conftest import Open


async def test_elements(open_app: Open) -> None:
    async with open_app("elements") as chat:
        greeting = await chat.see("See cat, poem and paper.")
        shown = {element.name: element for element in chat.elements(greeting)}
        assert {name: (element.type, element.display) for name, element in shown.items()} == {
            "cat": ("image", "inline"),
            "poem": ("text", "side"),
            "code": ("text", "inline"),
            "paper": ("pdf", "page"),
            "song.mp3": ("audio", "inline"),
            "film.mp4": ("video", "inline"),
            "notes.txt": ("file", "inline"),
        }
        assert (shown["cat"].size, shown["code"].language) == ("large", "python")
        assert [shown[name].props for name in ("paper", "song.mp3", "film.mp4")] == [
            {"page": 2},
            {"autoPlay": True},
            {"playerConfig": {"light": True}},
        ]
        assert await chat.read(shown["poem"]) == b"Roses are red"
        assert await chat.read(shown["notes.txt"]) == b"from a file"
        assert shown["song.mp3"].url == "https://example.com/song.mp3"

        more = (await chat.send("more")).messages[0]
        assert [element.name for element in chat.elements(more)] == ["late"]


async def test_figures(open_app: Open) -> None:
    async with open_app("figures") as chat:
        reply = await chat.send("draw")
        chart, plot, table = chat.elements(reply.messages[0])
        assert (chart.type, chart.size) == ("plotly", "medium")
        assert [bar["y"] for bar in json.loads(await chat.read(chart))["data"]] == [[2, 1, 3]]
        assert (plot.type, plot.size, plot.mime) == ("image", "small", "image/png")
        assert (table.type, table.name) == ("dataframe", "Dataframe")
        head, block = map(json.loads, gzip.decompress(await chat.read(table)).splitlines())
        assert dict(zip([column["name"] for column in head["columns"]], block, strict=True)) == {
            "city": ["Rome"],
            "people": [2_800_000],
        }


async def test_custom_element(open_app: Open) -> None:
    async with open_app("custom_element") as chat:
        await chat.see("Here is a counter!")
        [counter] = chat.elements()
        assert (counter.type, counter.name, counter.props) == ("custom", "Counter", {"count": 1})
        run = await chat.call_action(counter, "raise_counter", {"by": 2})
        assert run.value == {"count": 3}
        assert chat.elements()[0].props == {"count": 3}
        await chat.update_element(counter, {"count": 9})
        assert chat.elements()[0].props == {"count": 9}
        await chat.send("reset")
        assert chat.elements()[0].props == {"count": 0}
        await chat.remove_element(counter)
        assert chat.elements() == []


async def test_task_list(open_app: Open) -> None:
    async with open_app("task_list") as chat:
        started = await chat.see("Started")
        await chat.rest()
        [tasks] = chat.elements()
        assert tasks.type == "tasklist"
        assert tasks.props == {
            "status": "Running...",
            "tasks": [
                {"title": "Processing data", "status": "running", "forId": started.id},
                {"title": "Performing calculations", "status": "ready", "forId": None},
            ],
        }
        await chat.send("go on")
        [tasks] = chat.elements()
        assert tasks.props is not None
        assert [task["status"] for task in tasks.props["tasks"]] == ["done", "failed"]
        assert tasks.props["status"] == "Failed"


async def test_sidebar(open_app: Open) -> None:
    async with open_app("sidebar") as chat:
        await chat.send("open")
        assert [(element.type, element.name) for element in chat.sidebar] == [("text", "text1"), ("image", "pic")]
        assert chat.state.fields["sidebar"]["title"] == "Sidebar title"
        await chat.send("close")
        assert (chat.sidebar, chat.elements()) == ([], [])


async def test_actions(open_app: Open) -> None:
    async with open_app("actions") as chat:
        run = await chat.click("action_button")
        assert (run.status, run.value) == ("done", "done")
        assert chat.messages[-1].output == "Click me! example_value"
        assert [(action.name, action.label) for action in chat.actions()] == [("other", "Or me")]
        with pytest.raises(CommandError) as refused:
            await chat.click("action_button")
        assert refused.value.failure.code == "not-found"
        assert (await chat.click("Or me")).status == "failed"
        with pytest.raises(CommandError):
            await chat.command(Act(id=new_id(), action_id="invented"))


async def test_action_sets(open_app: Open) -> None:
    async with open_app("action_sets") as chat:
        await chat.send("right?")
        await chat.click("No")
        assert chat.messages[-1].output == "You said no."
        assert [action.name for action in chat.actions()] == ["undo"]
        await chat.click("undo")
        assert [message.output for message in chat.messages] == ["right?"]
        assert chat.actions() == []


async def test_image_generation(open_app: Open) -> None:
    async with open_app("image_generation") as chat:
        reply = await chat.send("a fox")
        assert reply.content == "Here is picture 1 of a fox"
        assert [element.name for element in chat.elements(reply.messages[0])] == ["picture 1"]
        await chat.click("Create variation")
        assert chat.messages[-1].output == "Here is picture 2 of a fox"
        assert len(chat.actions()) == 1


async def test_rag(open_app: Open, tmp_path) -> None:
    (tmp_path / "pets.txt").write_text("cats purr\n\ndogs bark")
    async with open_app("rag") as chat:
        await chat.answer(tmp_path / "pets.txt")
        await chat.see("`pets.txt` done")
        await chat.rest()
        reply = await chat.send("what do dogs do")
        assert reply.content == "dogs bark\nSources: source_0"
        [source] = chat.elements(reply.messages[0])
        assert (source.name, source.display, await chat.read(source)) == ("source_0", "side", b"dogs bark")
        assert [str(step) for step in reply.steps] == ["retrieve"]
