"""The client: discord.py with nothing kept that is not needed, which hands on what it hears."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any, Protocol

import discord

from convo_discord.settings import DiscordSettings

__all__ = ["Client", "Listener"]

logger = logging.getLogger("convo_discord")

_LAST_WORDS_SECONDS = 5.0  # in which what was heard before the end is handed on


class Listener(Protocol):
    """Who is told what the gateway says."""

    def heard(self, *, is_connected: bool) -> None: ...

    async def catch_up(self) -> None: ...

    async def hear(self, message: discord.Message) -> None: ...

    async def hear_change(self, message: discord.Message) -> None: ...

    async def hear_interaction(self, interaction: discord.Interaction[Any]) -> None: ...


class Client(discord.Client):
    """A connection for one bot. It keeps neither messages nor members."""

    def __init__(self, settings: DiscordSettings, listener: Listener) -> None:
        discord.VoiceClient.warn_nacl = False  # nobody wants to be warned that there will be no voice
        discord.VoiceClient.warn_dave = False
        super().__init__(
            intents=_intents(settings),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            proxy=settings.proxy,
        )
        self._listener = listener
        self._working: set[asyncio.Task[Any]] = set()

    @property
    def own_id(self) -> int:
        return 0 if self.user is None else self.user.id

    async def leave(self) -> None:
        """Close the connection to the gateway, once what was heard is handed on; posting goes on."""
        socket: Any = self.ws
        if socket is not None and socket.open:
            await socket.close(code=1000)
        if self._working:
            await asyncio.wait(self._working, timeout=_LAST_WORDS_SECONDS)

    async def close(self) -> None:
        for task in self._working:
            task.cancel()
        await super().close()

    async def on_connect(self) -> None:
        self._listener.heard(is_connected=True)

    async def on_resumed(self) -> None:
        self._listener.heard(is_connected=True)

    async def on_ready(self) -> None:
        """A session has begun, and its servers are known. After one that could not be resumed, something was missed."""
        async with self._at_work():
            await self._listener.catch_up()

    async def on_disconnect(self) -> None:
        self._listener.heard(is_connected=False)

    async def on_message(self, message: discord.Message) -> None:
        async with self._at_work():
            await self._listener.hear(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        async with self._at_work():
            await self._listener.hear_change(event.message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        async with self._at_work():
            await self._listener.hear_interaction(interaction)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        logger.exception("`%s` failed", event_method)

    @contextlib.asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        """discord.py makes a task for each event, and owns none; here they are awaited or cancelled at the end."""
        task = asyncio.current_task()
        assert task is not None
        self._working.add(task)
        try:
            yield
        finally:
            self._working.discard(task)


def _intents(settings: DiscordSettings) -> discord.Intents:
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.dm_messages = True
    intents.message_content = settings.message_content
    return intents
