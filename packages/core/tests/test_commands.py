"""Commands and modes: what goes with a message, offered at any time."""

from typing import Any

import convo
import pytest
from convo.protocol import CommandError
from convo.testing import ChatClient

MODEL = convo.Mode(
    "model",
    "Model",
    [convo.ModeOption("small", "Small", "Fast"), convo.ModeOption("large", "Large", icon="brain", default=True)],
)
DEPTH = convo.Mode("depth", "Depth", [convo.ModeOption("short", "Short"), convo.ModeOption("long", "Long")])


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_chat_start
    async def offer() -> None:
        await convo.context.emitter.set_commands(
            [
                {"id": "search", "description": "Search the web", "icon": "globe", "button": True},
                {"id": "draw", "description": "Draw a picture", "persistent": True, "icon": "image"},
            ]
        )
        await convo.context.emitter.set_modes([MODEL, DEPTH])

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "none":
            await convo.context.emitter.set_commands([])
            await convo.context.emitter.set_modes([])
        await convo.Message(f"{message.command} {message.modes}").send()

    return app


async def offered(chat: ChatClient) -> None:
    await chat.until(lambda: chat.state.fields.get("modes"))


async def test_a_message_brings_its_command_and_modes(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        await offered(chat)
        reply = await chat.send("a cat", command="draw", modes={"model": "small"})

        assert reply.content == "draw {'model': 'small', 'depth': 'short'}"
        assert (chat.messages[0].command, chat.messages[0].modes) == ("draw", {"model": "small", "depth": "short"})
        assert (await chat.send("?")).content == "None {'model': 'large', 'depth': 'short'}"


async def test_what_is_offered_changes_at_any_time_in_every_tab(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        await offered(chat)
        tab = await chat.tab()
        assert [command["id"] for command in tab.state.fields["commands"]] == ["search", "draw"]
        await chat.send("none")
        await tab.until(lambda: "commands" not in tab.state.fields and "modes" not in tab.state.fields)

        with pytest.raises(CommandError, match="no command `search` at the moment"):
            await tab.send("?", command="search")
        assert (await tab.send("?")).content == "None None"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"command": "format"}, "no command `format`"),
        ({"modes": {"speed": "fast"}}, "no mode `speed`"),
        ({"modes": {"model": "huge"}}, "mode `model` has no option `huge`"),
    ],
)
async def test_what_is_not_offered_is_refused_and_nothing_is_said(
    app: convo.App, fields: dict[str, Any], said: str
) -> None:
    async with ChatClient(app) as chat:
        await offered(chat)
        with pytest.raises(CommandError, match=said) as caught:
            await chat.send("?", **fields)

        assert caught.value.failure.code == "invalid"
        assert chat.messages == []


async def test_what_was_offered_comes_back_with_a_stored_thread(app: convo.App) -> None:
    layer = convo.MemoryDataLayer()
    async with ChatClient(app, data_layer=layer) as chat:
        await offered(chat)
        await chat.send("?", command="search")
        principal, thread = chat.principal, chat.thread_id

    async with ChatClient(app, data_layer=layer, principal=principal, thread=thread) as chat:
        assert (await chat.send("?", command="draw", modes={"depth": "long"})).content.startswith("draw")


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        ([{"description": "x"}], "Command 1 has no `id`"),
        ([{"id": "a"}, {"id": "a"}], "Two commands have the id `a`"),
        ([{"id": "a", "colour": "red"}], "unknown key `colour`"),
        ([{"id": "a", "button": "yes"}], "`button` of the command `a` must be a `bool`"),
        (["search"], "a command is a dict"),
        ([{"id": "a", "selected": True}, {"id": "b", "selected": True}], "Only one command can be `selected`"),
    ],
)
async def test_a_wrong_command_is_told_to_its_author(commands: Any, said: str) -> None:
    app = convo.App({"debug": True})

    @app.on_message
    async def answer() -> None:
        await convo.context.emitter.set_commands(commands)

    async with ChatClient(app) as chat:
        reply = await chat.send("?")

        assert reply.run.error is not None
        assert said in reply.run.error.text
        assert "commands" not in chat.state.fields


def test_a_mode_has_options() -> None:
    with pytest.raises(ValueError, match="`model` has no options"):
        convo.Mode("model", "Model")
    with pytest.raises(ValueError, match="same id"):
        convo.Mode("model", "Model", [convo.ModeOption("a", "A"), convo.ModeOption("a", "B")])
