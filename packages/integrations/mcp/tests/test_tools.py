"""Tools as users meet them: asked for, switched off, and asking back."""

from pathlib import Path
from typing import Any

import convo
import pytest
from convo.protocol import McpSwitch, McpTool, new_id

from .conftest import Chat, make_app, opened, refused


def _tool(chat: Chat, name: str = "forecast") -> McpTool:
    return next(one for one in chat.server().tools if one.name == name)


async def test_a_tool_is_used_once_a_user_allows_it(url: str) -> None:
    async with opened(make_app({"url": url, "approval": "ask"})) as chat:
        await chat.join()
        run = await chat.post("forecast Kiel")
        ask = await chat.asked()
        assert '"city": "Kiel"' in chat.state.steps[ask.step_id].step.output
        assert not [step for step in chat.steps if step.step.type == "tool"]
        await chat.choose("Allow once")

        assert (await chat.reply(run)).content.endswith("Rain in Kiel.")
        assert _tool(chat).asks


async def test_a_tool_that_is_always_allowed_asks_no_more_until_it_was_off(url: str) -> None:
    async with opened(make_app({"url": url, "approval": "ask"})) as chat:
        await chat.join()
        run = await chat.post("forecast Kiel")
        await chat.choose("Always in this chat")
        await chat.reply(run)

        assert (await chat.send("forecast Rome")).content == "Rain in Rome."
        assert (_tool(chat).asks, _tool(chat).always) == (False, True)
        assert _tool(chat, "number").asks

        for on in (False, True):
            await chat.command(McpSwitch(id=new_id(), name="weather", tool="forecast", on=on))
        assert (_tool(chat).asks, _tool(chat).always) == (True, False)


async def test_users_are_asked_in_their_language(url: str, tmp_path: Path) -> None:
    (tmp_path / "translations").mkdir()
    (tmp_path / "translations" / "de.json").write_text('{"mcp": {"ask": {"deny": "Lieber nicht"}}}')
    app = make_app({"url": url, "approval": "ask"})
    app.configure(str(tmp_path))
    async with opened(app, language="de-AT") as chat:
        await chat.join()
        run = await chat.post("forecast Kiel")
        ask = await chat.asked()
        assert chat.state.steps[ask.step_id].step.output.startswith("Darf `forecast` von **weather** benutzt werden?")
        assert [one.label for one in chat.actions()] == ["Einmal erlauben", "Immer in diesem Chat", "Lieber nicht"]
        await chat.choose("Lieber nicht")
        await chat.reply(run)

        await chat.post("plan")
        await chat.choose("Einmal erlauben")
        await chat.answer("Kiel", await chat.asked())
        await chat.answer("viele", await chat.asked())
        again = await chat.asked()
        assert chat.state.steps[again.step_id].step.output.startswith("Das ist keine ganze Zahl.")
        await chat.answer("3", again)
        await chat.choose("summer")
        await chat.asked()
        assert [one.label for one in chat.actions()][-4:] == ["Ja", "Nein", "Auslassen", "Ablehnen"]
        await chat.choose("Ja")
        await chat.rest()
    async with opened(app, language="xx") as chat:
        await chat.join()
        await chat.post("forecast Kiel")
        await chat.choose("Deny")


@pytest.mark.parametrize("answer", ["Deny", None])
async def test_a_tool_that_is_not_allowed_is_not_used(answer: str | None, url: str) -> None:
    async with opened(make_app({"url": url, "approval": "ask"})) as chat:
        await chat.join()
        run = await chat.post("forecast Kiel")
        await (chat.cancel_ask(await chat.asked()) if answer is None else chat.choose(answer))
        reply = await chat.reply(run)

        assert reply.content.endswith("error: The user did not allow `forecast`.")
        (step,) = reply.steps
        assert step.step.is_error
        assert "Rain" not in step.step.output


async def test_a_tool_that_is_off_is_not_used(url: str) -> None:
    async with opened(make_app({"url": url, "tools": {"number": "off", "broken": "ask"}})) as chat:
        await chat.join()
        assert "number" not in {tool.name for tool in chat.server().tools}
        assert [tool.name for tool in chat.server().tools if tool.asks] == ["broken"]
        answer = await chat.command(McpSwitch(id=new_id(), name="weather", tool="forecast", on=False))
        assert answer.ok
        assert not _tool(chat).on

        assert (await chat.send("forecast Kiel")).content == "error: The tool `forecast` is switched off in this chat."
        assert (await chat.send("number")).content.startswith("error: `weather` has no tool `number`")
        for name, tool in (("weather", "number"), ("other", "forecast")):
            assert await refused(chat, McpSwitch(id=new_id(), name=name, tool=tool, on=True)) == "not-found"


async def test_a_server_asks_the_user_field_by_field(url: str) -> None:
    async with opened(make_app({"url": url})) as chat:
        await chat.join()
        run = await chat.post("plan")
        ask = await chat.asked()
        assert "Where do you go?" in chat.state.steps[ask.step_id].step.output
        await chat.answer("Kiel", ask)
        await chat.answer("many", await chat.asked())
        again = await chat.asked()
        assert "not a whole number" in chat.state.steps[again.step_id].step.output
        await chat.answer("20", again)
        await chat.answer("3", await chat.asked())
        await chat.choose("winter")
        await chat.choose("Leave out")

        reply = await chat.reply(run)
        said = "{'city': 'Kiel', 'days': 3, 'season': 'winter', 'insured': False}"
        assert reply.content.endswith(f"accept: {said}")


async def test_a_user_need_not_answer_a_server(url: str) -> None:
    async with opened(make_app({"url": url})) as chat:
        await chat.join()
        run = await chat.post("plan")
        await chat.cancel_ask(await chat.asked())
        assert (await chat.reply(run)).content.endswith("cancel: -")
        run = await chat.post("plan")
        await chat.answer("Kiel", await chat.asked())
        await chat.answer("3", await chat.asked())
        await chat.choose("Decline")
        assert (await chat.reply(run)).content.endswith("decline: -")


@pytest.mark.parametrize(
    ("label", "action"), [("I have done this", "accept"), ("Decline", "decline"), (None, "cancel")]
)
async def test_a_server_sends_the_user_to_an_address(label: str | None, action: str, url: str) -> None:
    page = "https://pay.example/forecast?order=1"
    async with opened(make_app({"url": url})) as chat:
        await chat.join()
        run = await chat.post(f"visit {page}")
        ask = await chat.asked()
        step = chat.state.steps[ask.step_id].step
        assert step.output == f"Please pay for the forecast.\n\n<{page}>"
        assert step.author == "weather"
        await (chat.cancel_ask(ask) if label is None else chat.choose(label))
        assert (await chat.reply(run)).content.endswith(action)


@pytest.mark.parametrize(
    ("city", "label", "said"),
    [
        ("Kiel", "I have done this", "Sun in Kiel."),
        ("Rome", "Decline", "error: The user did not go where `pay` wanted"),
    ],
)
async def test_a_tool_works_once_the_user_was_where_it_wants_him(city: str, label: str, said: str, url: str) -> None:
    async with opened(make_app({"url": url})) as chat:
        await chat.join()
        run = await chat.post(f"pay {city}")
        ask = await chat.asked()
        assert f"<https://pay.example/{city}>" in chat.state.steps[ask.step_id].step.output
        await chat.choose(label)
        assert said in (await chat.reply(run)).content


@pytest.mark.parametrize(
    "page",
    [
        "http://pay.example/",
        "http://127.0.0.1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@pay.example/",
        "https://",
        "https://[",
        "https://pay.example/<script>",
        "//pay.example/",
    ],
)
async def test_an_address_that_is_not_safe_is_shown_to_nobody(page: str, url: str) -> None:
    async with opened(make_app({"url": url})) as chat:
        await chat.join()
        reply = await chat.send(f"visit {page}")
        assert reply.content == "decline"
        assert not chat.asks


async def test_a_run_that_is_stopped_takes_the_servers_question_with_it(url: str) -> None:
    async with opened(make_app({"url": url})) as chat:
        await chat.join()
        run = await chat.post("plan")
        await chat.asked()
        await chat.stop(run)

        assert all(ask.outcome == "cancelled" for ask in chat.asks)
        assert (await chat.send("forecast Kiel")).content == "Rain in Kiel."


async def test_a_server_asks_the_apps_model(url: str) -> None:
    app = make_app({"url": url})

    @app.on_mcp_sampling
    async def answer(request: Any, session: Any) -> str:
        await convo.Message(f"Asked: {request.messages[0].content.text}").send()
        return "Spain"

    async with opened(app) as chat:
        await chat.join()
        reply = await chat.send("rhyme")
        assert reply.content == "Asked: rain\nSpain"


async def test_a_model_that_fails_or_is_not_there_costs_nothing_but_the_tool(url: str) -> None:
    app = make_app({"url": url})
    async with opened(app) as chat:
        await chat.join()
        reply = await chat.send("rhyme")
        assert (reply.status, reply.steps[0].step.is_error) == ("failed", True)

    app.on_mcp_sampling(lambda request: 1 / 0)
    async with opened(app) as chat:
        await chat.join()
        error = str((await chat.send("rhyme")).error)
        assert "could not answer (error " in error
        assert "division" not in error
