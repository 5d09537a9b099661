"""Apps whose work is shown step by step."""

from __future__ import annotations

import json

from tests.compatibility.conftest import Open


async def test_step_decorator(open_app: Open) -> None:
    async with open_app("step_decorator") as chat:
        reply = await chat.send("cats")
        assert reply.content == "cats 0, cats 1, cats 2"
        [research] = reply.steps
        [search] = research.children
        assert (research.name, research.step.output, research.step.tags) == ("Research", "3 pages", ["slow"])
        assert json.loads(research.step.input) == {"topic": "cats"}
        assert (search.name, search.step.type, search.step.metadata) == ("search", "tool", {"hits": 3})
        assert json.loads(search.step.input) == {"query": "cats", "limit": 3}
        assert json.loads(search.step.output) == ["cats 0", "cats 1", "cats 2"]
        assert search.step.language == "json"


async def test_step_context(open_app: Open) -> None:
    async with open_app("step_context") as chat:
        reply = await chat.send("why?")
        assert reply.content == "ok"
        assert [str(step) for step in reply.steps] == ["Parent(Child, Sync child)", "Later"]
        parent, late = (node.step for node in reply.steps)
        child, sync = (node.step for node in reply.steps[0].children)
        assert (parent.type, parent.input, parent.output) == ("llm", "why?", "done")
        assert (child.type, child.output, child.show_input) == ("tool", "one two", False)
        assert json.loads(sync.output) == {"answer": 42}
        assert (late.input, late.output, late.show_input, late.language) == ("print(1)", "1", "python", "python")
        assert all(step.end for step in (parent, child, sync, late))


async def test_step_gather(open_app: Open) -> None:
    async with open_app("step_gather") as chat:
        reply = await chat.send("go")
        assert reply.content == "[10, 20] [30]"
        assert [str(step) for step in reply.steps] == [
            "Crawl(fetch(parse 1), fetch(parse 2))",
            "Crawl(fetch(parse 3))",
        ]


async def test_step_threads(open_app: Open) -> None:
    async with open_app("step_threads") as chat:
        reply = await chat.send("a bb")
        assert reply.messages[-1].output == "Indexed 2"
        assert sorted(message.output for message in reply.messages[:-1]) == ["a is in", "bb is in"]
        assert sorted(map(str, reply.steps)) == ["index a(embed)", "index bb(embed)"]
        assert {message.parent_id for message in reply.messages[:-1]} == {node.step.id for node in reply.steps}


async def test_step_generators(open_app: Open) -> None:
    async with open_app("step_generators") as chat:
        reply = await chat.send("why?")
        assert reply.content == "it depends012"
        assert [(node.name, node.step.output) for node in reply.steps] == [("think", "it depends"), ("count", "012")]


async def test_step_errors(open_app: Open) -> None:
    async with open_app("step_errors") as chat:
        reply = await chat.send("0")
        assert (reply.status, reply.messages[0].is_error) == ("done", True)
        assert reply.content.startswith("Cannot: ")
        assert reply.steps[0].step.is_error
        assert (await chat.send("1")).content == "fine"


async def test_parent_id(open_app: Open) -> None:
    async with open_app("parent_id") as chat:
        reply = await chat.send("go")
        assert reply.status == "done"
        inside, by_id, outside = reply.messages
        [outer] = [node.step for node in chat.steps if node.name == "Outer"]
        assert (inside.parent_id, by_id.parent_id, outside.parent_id) == (outer.id, outer.id, None)
        [aside] = [entry.step for entry in chat.state.steps.values() if entry.step.name == "Aside"]
        assert aside.parent_id == chat.messages[0].id
        [inner] = [entry.step for entry in chat.state.steps.values() if entry.step.name == "Inner"]
        assert (inner.parent_id, inner.output) == (outer.id, "below")


async def test_agent_loop(open_app: Open) -> None:
    async with open_app("agent_loop") as chat:
        reply = await chat.send("How warm is Rome?")
        assert (reply.content, reply.messages[0].author) == ("It is 69.8 °F.", "Weatherman")
        assert [str(step) for step in reply.steps] == ["Agent(gpt, get_weather, gpt, to_fahrenheit, gpt)"]
        gpt = reply.steps[0].children[0].step
        assert (gpt.type, gpt.show_input) == ("llm", False)
        assert json.loads(gpt.output)["tool"] == "get_weather"


async def test_handoff(open_app: Open) -> None:
    async with open_app("handoff") as chat:
        reply = await chat.send("I want to buy")
        assert [(message.author, message.output) for message in reply.messages] == [
            ("Triage", "I hand you over."),
            ("Sales", "That is 5 EUR."),
        ]
        assert (await chat.send("thanks")).content == "Bye!"
        assert (await chat.send("hm")).messages[0].author == "Triage"


async def test_blocking(open_app: Open) -> None:
    async with open_app("blocking") as chat:
        assert (await chat.send("Ada")).content == "worker slept\nAda"


async def test_sync_callbacks(open_app: Open) -> None:
    async with open_app("sync_callbacks") as chat:
        assert (await chat.send("Ada")).content == "Hi, Ada"


async def test_cache(open_app: Open) -> None:
    async with open_app("cache") as chat:
        assert (await chat.send("go")).content == "True True 2"
        assert (await chat.send("go")).content == "True True 2"


async def test_human_tool(open_app: Open) -> None:
    async with open_app("human_tool") as chat:
        run = await chat.post("Will it rain?")
        await chat.answer("Rome")
        reply = await chat.reply(run)
        assert reply.messages[-1].output == "Will it rain? In Rome, it rains."
        assert [str(step) for step in reply.steps] == ["Agent(human)"]
        assert reply.messages[0].parent_id == reply.steps[0].children[0].step.id
