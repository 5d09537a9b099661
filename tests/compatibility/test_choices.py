"""Apps with something to choose beside the text: settings, profiles, starters, commands, modes."""

from __future__ import annotations

import pytest
from convo.protocol import CommandError

from tests.compatibility.conftest import Open


async def test_settings(open_app: Open) -> None:
    async with open_app("settings") as chat:
        await chat.see("gpt-4o at 1")
        assert chat.settings == {
            "Model": "gpt-4o",
            "Voice": "bass",
            "Tone": "dry",
            "Tools": ["code"],
            "Streaming": True,
            "Confirm": False,
            "Temperature": 1,
            "AgentName": "AI",
            "Seed": 7,
            "StopSequence": ["Answer:"],
            "Since": "2026-11-01",
            "Span": ["2026-11-01", "2026-11-03"],
        }
        await chat.set_settings(chat.settings | {"Model": "gpt-4o-mini", "Temperature": 0.3, "Tools": ["search"]})
        assert chat.messages[-1].output == "Now gpt-4o-mini at 0.3"
        assert (await chat.send("Tools")).content == "['search']"
        with pytest.raises(CommandError):
            await chat.set_settings(chat.settings | {"Temperature": 3})
        with pytest.raises(CommandError):
            await chat.set_settings(chat.settings | {"Since": "2025-12-31"})
        assert (await chat.send("Temperature")).content == "0.3"


async def test_settings_tabs(open_app: Open) -> None:
    async with open_app("settings_tabs") as chat:
        await chat.rest()
        assert chat.settings == {"country": "Italy", "city": "Rome", "weather": True}
        await chat.set_settings(chat.settings | {"country": "Spain"}, live=True)
        assert chat.settings["city"] == "Madrid"
        await chat.set_settings(chat.settings | {"weather": False})
        assert (await chat.send("hi")).content == "Madrid, weather: False"


async def test_profiles(open_app: Open) -> None:
    async with open_app("profiles") as chat:
        await chat.see("starting chat using the GPT-4 chat profile")
        info = await chat.info()
        assert [(profile.name, profile.default) for profile in info.profiles] == [("GPT-3.5", False), ("GPT-4", True)]
        assert (await chat.choose_starter("Ideas")).content == "GPT-4"
        other = await chat.new_chat(profile="GPT-3.5")
        await other.see("starting chat using the GPT-3.5 chat profile")


async def test_starters(open_app: Open) -> None:
    async with open_app("starters") as chat:
        assert [starter.label for starter in (await chat.info()).starters] == ["Morning routine", "Joke"]
        assert (await chat.choose_starter("Joke")).content == "joke: Tell me a joke."
        assert (await chat.choose_starter("Poem")).content == "None: A poem!"
        with pytest.raises(LookupError, match="Morning routine"):
            await chat.choose_starter("Evening routine")


async def test_commands(open_app: Open) -> None:
    async with open_app("commands") as chat:
        await chat.rest()
        assert [command["id"] for command in chat.commands] == ["Picture", "Search"]
        assert (await chat.send("cats", command="Search")).content == "Search cats"
        assert (await chat.send("cats")).content == "None cats"
        assert (await chat.send("a cat", command="Picture")).content == "Painting a cat"
        assert chat.commands == []


async def test_modes(open_app: Open) -> None:
    async with open_app("modes") as chat:
        await chat.rest()
        assert [option["id"] for option in chat.modes[0]["options"]] == ["fast", "deep"]
        assert (await chat.send("hi", modes={"model": "fast"})).content == "answered by fast"


async def test_user_session(open_app: Open) -> None:
    async with open_app("user_session") as chat:
        assert (await chat.send("Ada")).content == "You sent 1 message(s), Ada!"
        assert (await chat.send("Bob")).content == "You sent 2 message(s), Bob!"
        other = await chat.new_chat()
        assert (await other.send("Eve")).content == "You sent 1 message(s), Eve!"
        assert (await chat.send("reset")).content == "You sent 0 message(s), nobody!"
