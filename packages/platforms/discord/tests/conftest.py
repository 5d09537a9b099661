"""A Discord of our own, with an app on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import convo
import pytest
from convo.memory import MemoryDataLayer
from convo.testing.process import Process
from convo_discord import DiscordBridge, DiscordSettings

from tests.platforms.fakes.discord import FakeDiscord, running

Start = Callable[..., Awaitable[Process]]


class Kept(MemoryDataLayer):
    """One that outlives a process, as far as tests go."""

    is_durable = True


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with running() as fake:
        yield fake


@pytest.fixture
def data_layer() -> MemoryDataLayer:
    return Kept()


@pytest.fixture
async def start(discord: FakeDiscord, data_layer: MemoryDataLayer) -> AsyncIterator[Start]:
    """Puts an app on Discord; `settings` are those of `[platforms.discord]`."""
    begun: list[Process] = []

    async def start(app: convo.App, **settings: Any) -> Process:
        bridge = DiscordBridge(DiscordSettings(**{"bot_token": discord.token} | settings))
        process = Process(app, bridge, data_layer)
        begun.append(process)
        await process.start()
        return process

    yield start
    for process in begun:
        await process.stop()
