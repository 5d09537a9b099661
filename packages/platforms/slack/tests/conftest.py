"""What tests of Slack have: a Slack of their own, and apps in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import convo
import pytest
import pytest_asyncio
from convo import App
from convo.memory import MemoryDataLayer
from convo.testing.process import Process
from convo_slack import SlackBridge

from tests.platforms.fakes.slack import FakeSlack
from tests.platforms.people.slack import settings


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


@pytest_asyncio.fixture
async def run(slack: FakeSlack, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Puts an app into the fake Slack, with settings."""
    running: list[Process] = []

    async def run(app: App, *, data_layer: Any = None, **more: Any) -> Process:
        told = {"installations": str(tmp_path / "slack")} | more
        one = Process(app, SlackBridge(settings(slack, **told)), data_layer or MemoryDataLayer())
        running.append(one)
        await one.start()
        return one

    yield run
    for one in running:
        await one.stop()


@pytest.fixture
def echo() -> App:
    """An app that says what it was told."""
    app = App()

    @app.on_message
    async def answer(message: Any) -> None:
        await convo.Message(f"You said: {message.content}").send()

    return app
