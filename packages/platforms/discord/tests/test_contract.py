"""The contract of bridges, kept by Discord's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from convo.testing import BridgeSuite

from tests.platforms.fakes.discord import running
from tests.platforms.people.discord import DiscordPeople


class TestDiscordBridge(BridgeSuite):
    @pytest_asyncio.fixture
    async def driver(self) -> AsyncIterator[DiscordPeople]:
        async with running() as discord:
            yield DiscordPeople(discord)
