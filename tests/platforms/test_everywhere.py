"""One app on the web, in Slack, Discord and Teams at once: what people see is the same where the docs say so."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from botframework.connector.auth import JwtTokenExtractor
from convo.bridge import Platforms
from convo.loader import load_app
from convo.testing import ChatClient, PlatformDriver
from convo.testing.process import until

from tests.platforms.fakes.discord import running
from tests.platforms.fakes.slack import FakeSlack
from tests.platforms.fakes.teams import FakeTeams
from tests.platforms.people.discord import DiscordPeople
from tests.platforms.people.slack import SlackPeople
from tests.platforms.people.teams import TeamsPeople

EXAMPLE = Path(__file__).parents[2] / "examples" / "platforms.py"
COUNTED = " ".join(str(number) for number in range(1, 11))
SEEN = [
    "Somebody said: hello",
    "HELLO!",
    "Which size?",
    "For whom?",
    "On its way: one large for Bob.",
    COUNTED,
    "I have notes.txt.",
    "received.txt: You sent notes.txt.",
    "All is done.",
]
"""What the app shows, but for its task list, which every platform draws in its own way."""


@pytest_asyncio.fixture
async def drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mapping[str, PlatformDriver]]:
    """People on each platform."""
    async with AsyncExitStack() as stack:
        teams = await stack.enter_async_context(FakeTeams(tmp_path))
        for name, value in teams.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(JwtTokenExtractor, "metadataCache", {})
        slack = await stack.enter_async_context(FakeSlack())
        discord = await stack.enter_async_context(running())
        yield {"slack": SlackPeople(slack), "discord": DiscordPeople(discord), "teams": TeamsPeople(teams)}


@pytest.mark.timeout(300)
async def test_the_same_app_is_the_same_everywhere(drivers: Mapping[str, PlatformDriver]) -> None:
    async with ChatClient(load_app(str(EXAMPLE)), timeout=60) as chat:
        platforms = Platforms({name: driver.create_bridge() for name, driver in drivers.items()})
        platforms.start(chat.directory)
        try:
            await until(
                lambda: all(state.status == "connected" for state in platforms.states.values()),
                lambda: platforms.states,
            )
            assert await seen_on_the_web(chat) == SEEN
            for name, driver in drivers.items():
                place = "direct" if name == "teams" else "general"  # files of bots in Teams are for one person
                assert await seen_on(driver, place) == SEEN, name
            assert len(chat.directory.sessions) == 1 + len(drivers)
        finally:
            await platforms.stop_receiving()
            await platforms.stop(10)


async def seen_on(driver: PlatformDriver, place: str) -> list[str]:
    """Talk to the app on a platform; returns what it shows in the end."""

    async def sees(text: str) -> None:
        await until(lambda: any(text in one.text for one in driver.shown(place)), lambda: driver.shown(place))

    async def presses(label: str) -> None:
        await until(lambda: any(label in one.buttons for one in driver.shown(place)), lambda: driver.shown(place))
        await driver.press(label, place=place)

    await driver.say("hello", place=place)
    await presses("Say it louder")
    await sees("HELLO!")
    await driver.say("order", place=place)
    await presses("Large")
    await sees("For whom?")
    await driver.say("Bob", place=place)
    await sees("On its way")
    await driver.say("count", place=place)
    await sees(COUNTED)
    await driver.say("Here you are.", place=place, files={"notes.txt": b"some notes"})
    await sees("I have notes.txt.")
    await driver.say("plan", place=place)
    await sees("All is done.")
    if isinstance(driver, TeamsPeople):
        await driver.accept("received.txt", place=place)
    await until(lambda: any("received.txt" in one.files for one in driver.shown(place)), lambda: driver.shown(place))
    shown: list[str] = []
    for one in driver.shown(place):
        if one.files:
            shown += [f"{name}: {content.decode()}" for name, content in one.files.items()]
        elif "Pack it" not in one.text:
            shown.append(_plain(one.text))
    return shown


async def seen_on_the_web(chat: ChatClient) -> list[str]:
    await chat.send("hello")
    await chat.click("Say it louder")
    await chat.post("order")
    ask = await chat.asked()
    await chat.answer(next(one.id for one in chat.actions() if one.label == "Large"), ask)
    await chat.asked()
    await chat.answer("Bob")
    await until(lambda: any("On its way" in one.output for one in chat.messages), lambda: chat.messages)
    await chat.send("count")
    await chat.send("Here you are.", files=[await chat.upload(b"some notes", "notes.txt")])
    await chat.send("plan")
    shown: list[str] = []
    for message in chat.messages:
        if message.type == "user_message":
            continue
        files = [f"{one.name}: {(await chat.read(one)).decode()}" for one in chat.elements(message)]
        shown += [_plain(message.output), *files]
    return shown


def _plain(text: str) -> str:
    """Without the name of who is spoken to, and without what became of a question."""
    return re.sub(r"\s*_?✓ Large_?$", "", re.sub(r"^\S.* said:", "Somebody said:", text.strip()))
