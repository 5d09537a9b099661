"""A fake of Teams, which this process trusts, and apps that serve it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from botframework.connector.auth import JwtTokenExtractor
from convo.app import App
from convo.memory import MemoryDataLayer
from convo.message import Message
from convo.testing.process import Process, until
from microsoft_agents.hosting.core.authorization.jwt import jwt_token_validator

from tests.platforms.fakes.teams import ISSUER, FakeTeams
from tests.platforms.fakes.teams import Message as Shown
from tests.platforms.people.teams import TeamsPeople


@pytest_asyncio.fixture
async def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeTeams]:
    async with FakeTeams(tmp_path) as fake:
        for name, value in fake.environment.items():
            monkeypatch.setenv(name, value)
        # This SDK has no setting for it. Both keep keys by their address, which may be that of an earlier test.
        monkeypatch.setitem(jwt_token_validator.BOTFRAMEWORK_JWKS_URIS, ISSUER, f"{fake.url}/v1/.well-known/keys")
        validator = jwt_token_validator.JwtTokenValidator
        monkeypatch.setattr(validator, "_jwk_client_manager", type(validator._jwk_client_manager)())
        monkeypatch.setattr(JwtTokenExtractor, "metadataCache", {})
        yield fake


@pytest.fixture(params=["botbuilder", "agents"])
def sdk(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def parrot() -> App:
    """An app that says what it was told."""
    app = App()

    @app.on_message
    async def answer(message: Message) -> None:
        await Message(f"You said {message.content}.").send()

    return app


@pytest.fixture
def driver(fake: FakeTeams) -> TeamsPeople:
    return TeamsPeople(fake)


@pytest_asyncio.fixture
async def serve(fake: FakeTeams) -> AsyncIterator[Callable[..., Any]]:
    """Serves an app to the fake of Teams, with these settings."""
    begun: list[Process] = []

    async def serve(app: App, *, data_layer: Any = None, **settings: Any) -> Process:
        process = Process(app, TeamsPeople(fake, **settings).create_bridge(), data_layer or MemoryDataLayer())
        begun.append(process)
        await process.start()
        return process

    yield serve
    for process in begun:
        await process.stop()


@pytest.fixture
def sees(fake: FakeTeams) -> Callable[..., Any]:
    """Waits until a message of the bot has this text, and is not being written any more."""

    async def sees(text: str, place: str = "direct", by: str = "ann") -> Shown:
        def found() -> Shown | None:
            said = reversed(fake.said(place, by))
            return next((one for one in said if text in one.text and not one.is_streaming), None)

        return await until(found, lambda: [one.activity for one in fake.said(place, by)])  # type: ignore[no-any-return]

    return sees
