"""A project outside this repository that is on Discord: `convo-discord` with `convo-core` alone, from wheels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.outside import serving
from tests.platforms.fakes.discord import running

pytestmark = pytest.mark.packaging


async def test_a_token_in_the_environment_puts_an_app_on_discord(install: Callable[..., Any], tmp_path: Path) -> None:
    installed = install("convo-discord")
    async with running() as discord:
        token = {"DISCORD_BOT_TOKEN": discord.token}
        async with serving(installed, tmp_path, "discord", "discord", token, discord.prelude):
            await discord.connected()
            ann = discord.person("Ann")
            await discord.say(ann, discord.dm(ann), "hello")
            await discord.until(lambda: discord.texts(discord.dm(ann)) == ["HELLO"], "the answer")
