"""The bridge: a bot's connection to Discord, and what it hears there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections import OrderedDict
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from convo.bridge import Author, Bridge, Incoming, Part, Place
from convo.errors import PlatformBusyError, PlatformDeniedError, PlatformError
from convo.protocol import CommandError, new_id

from convo_discord.attention import Attention, attachments_of
from convo_discord.client import Client
from convo_discord.convert import command_payloads, markdown, size, thread_title
from convo_discord.deliver import PORTAL, Channels, invitation, refused_token, translated
from convo_discord.files import incoming
from convo_discord.interactions import Interactions
from convo_discord.places import author_of, place_of, thread_place
from convo_discord.settings import DiscordSettings

__all__ = ["DiscordBridge"]

logger = logging.getLogger("convo_discord")

_TRIES = 4  # to begin a thread
_REMEMBERED = 1000  # places
_MAY_BE_NEW = timedelta(minutes=10)
"""How old a message may be that is heard only when it is changed."""
_CAUGHT_UP = 100  # places in which is looked for what was missed


class DiscordBridge(Bridge):
    """One bot. A mention begins a thread, which is a place, as are direct messages and channels."""

    platform = "discord"
    text_limit = 1900  # of Discord's 2,000: an author's name and what is asked for come on top
    edit_seconds = 1.1  # Discord takes five changes in five seconds in one channel
    status_seconds = 8.0  # it shows that somebody types for ten
    has_forms = True

    settings: DiscordSettings

    def __init__(self, settings: DiscordSettings) -> None:
        super().__init__(settings)
        self.file_limit = int(settings.file_limit_mb * 1_000_000)
        self._client: Client | None = None
        self._channels: Channels | None = None
        self._attention: Attention | None = None
        self._interactions = Interactions(self)
        self._turns: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._last_heard: OrderedDict[int, int] = OrderedDict()  # the last message for us, by channel
        self._offers: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()  # commands by place
        self._offered: list[dict[str, Any]] | None = None

    # --- Its life ---

    async def open(self) -> None:
        """Log in. Raises `PlatformDeniedError` for a bad token, and where an intent is not granted."""
        await self.close()
        client = self._client = Client(self.settings, self)
        try:
            with translated():
                await client.login(self.settings.bot_token.get_secret_value())
        except discord.LoginFailure as error:
            raise refused_token() from error
        flags = client.application_flags
        may_read = flags.gateway_message_content or flags.gateway_message_content_limited
        if self.settings.message_content and not may_read:
            raise self._missing_intent()
        self._channels = Channels(client.http, self.read, self.directory.config.project.name)
        self._attention = Attention(client, self.settings)
        logger.info("To add the bot to a server, open: %s", invitation(client.application_id))

    async def run(self) -> None:
        if self._client is None or self._client.is_closed():
            await self.open()
        client = self._ready_client
        try:
            await self._offer_at_first()
            await client.connect()
        except discord.PrivilegedIntentsRequired as error:
            raise self._missing_intent() from error
        except discord.ConnectionClosed as error:
            raise _of_closing(error) from error
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            raise PlatformBusyError(f"Discord cannot be reached: {error}") from error
        finally:
            self.is_connected = False
            await client.leave()

    async def close(self) -> None:
        client, self._client, self._channels, self._attention = self._client, None, None, None
        if client is not None:
            await client.close()

    def heard(self, *, is_connected: bool) -> None:
        """The gateway's connection is there, or is not."""
        if is_connected:
            self.connected()
        else:
            self.is_connected = False

    @property
    def _ready_client(self) -> Client:
        if self._client is None:
            raise PlatformBusyError("Discord is not connected.")
        return self._client

    @property
    def _posting(self) -> Channels:
        if self._channels is None:
            raise PlatformBusyError("Discord is not connected.")
        return self._channels

    def _missing_intent(self) -> PlatformDeniedError:
        return PlatformDeniedError(
            f"The bot may not read messages: turn on `Message Content Intent` at {PORTAL}/"
            f"{self._ready_client.application_id}/bot (Privileged Gateway Intents), or set `message_content = false` "
            "in `[platforms.discord]`."
        )

    # --- What it shows ---

    async def post(self, place: Place, part: Part) -> str:
        return await self._posting.post(place, part)

    async def edit(self, place: Place, ref: str, part: Part) -> None:
        await self._posting.edit(place, ref, part)

    async def delete(self, place: Place, ref: str) -> None:
        await self._posting.delete(place, ref)

    async def find(self, place: Place, part: Part) -> str | None:
        """By its buttons. One without any is known by its nonce for some minutes: it is not posted again."""
        return await self._posting.find(place, part, str(self._ready_client.own_id))

    async def show_status(self, place: Place, text: str | None) -> None:
        if text is not None:
            await self._posting.show_typing(place)

    async def show_commands(self, place: Place, commands: list[dict[str, Any]]) -> None:
        """Discord has one list for all places: what any of them offers is in it."""
        self._offers[place.key] = commands
        self._offers.move_to_end(place.key)
        if len(self._offers) > _REMEMBERED:
            self._offers.popitem(last=False)
        await self._offer(command_payloads([one for offer in self._offers.values() for one in offer]))

    async def whisper(self, place: Place, author: Author, text: str) -> None:
        """As an answer that he alone sees, where he has pressed or commanded something; else as a small message."""
        if not await self._interactions.whisper(place, author, text):
            await self.post(place, Part(key=f"whisper:{new_id()}", text=text, kind="note"))

    def measure(self, text: str) -> int:
        return size(markdown(text))

    async def _offer_at_first(self) -> None:
        """Those of a process before stay until the app offers its own."""
        wanted = command_payloads([])
        there = await self._posting.offered(self._ready_client.application_id)
        if not {one["name"] for one in wanted} <= {one["name"] for one in there}:
            await self._offer(wanted)

    async def _offer(self, commands: list[dict[str, Any]]) -> None:
        """Let Discord know the slash commands, if they are others than it has. What fails is done the next time."""
        if commands == self._offered:
            return
        try:
            await self._posting.offer(self._ready_client.application_id, commands)
            self._offered = commands
        except PlatformDeniedError:
            raise
        except PlatformError as error:
            logger.warning("The slash commands cannot be offered at the moment: %s", error)

    # --- What it hears ---

    async def hear(self, message: discord.Message) -> None:
        """Somebody wrote a message."""
        if self._attention is None or not await self._attention.is_for_us(message):
            return
        self._note_heard(message)
        text, author = self._attention.text_of(message), author_of(message.author)
        async with self.turn(self._place_of(message).path[-1]):
            place = await self.place_to_answer(message.guild, message.channel, message.id, text, author)
            values = {"discord_message": message, "discord_channel": message.channel}
            files = [self._incoming(one) for one in attachments_of(message)]
            if not text and not files:  # it was named, and no more: then it may say what it says first
                with contextlib.suppress(CommandError):
                    await self.enter(place, author)
                return
            await self.say(place, author, str(message.id), text, files=files, values=values)

    async def catch_up(self) -> None:
        """Hear what was said where we talk while there was no session with the gateway. What was heard is not again."""
        client = self._ready_client
        for channel_id, last in list(self._last_heard.items())[-_CAUGHT_UP:]:
            channel: Any = client.get_channel(channel_id) or client.get_partial_messageable(channel_id)
            try:
                async for message in channel.history(after=discord.Object(last), oldest_first=True):
                    await self.hear(message)
            except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                logger.warning("What was said in `%s` meanwhile cannot be read: %s", channel_id, error)

    def _note_heard(self, message: discord.Message) -> None:
        channel_id = message.channel.id
        self._last_heard[channel_id] = max(message.id, self._last_heard.get(channel_id, 0))
        self._last_heard.move_to_end(channel_id)
        if len(self._last_heard) > _REMEMBERED:
            self._last_heard.popitem(last=False)

    async def hear_change(self, message: discord.Message) -> None:
        """A message has changed: somebody changed its text, or Discord has something to show with it."""
        is_edit = message.edited_at is not None
        if not is_edit or self._attention is None or not await self._attention.is_for_us(message):
            return
        place, author = self._place_of(message), author_of(message.author)
        async with self.turn(place.path[-1]):
            if await self._has_heard(place, author, message.id):
                event_id = f"{message.id}:{message.edited_at.timestamp() if message.edited_at else 0}"
                text = self._attention.text_of(message)
                await self.revise(place, author, event_id, str(message.id), text)
                return
        if message.created_at > discord.utils.utcnow() - _MAY_BE_NEW:  # a mention that was added, say
            await self.hear(message)

    async def hear_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await self._interactions.hear(interaction)

    async def _has_heard(self, place: Place, author: Author, message_id: int) -> bool:
        """Whether a message is in the thread of a place. One that came while the bot was away is not."""
        try:
            session, _, _ = await self.enter(place, author, begins=False)
        except CommandError:
            return False
        said = self._command_id(str(message_id))
        return any(entry.facts.command_id == said for entry in session.state.steps.values())

    def _incoming(self, attachment: discord.Attachment) -> Incoming:
        described = {
            "url": attachment.url,
            "filename": attachment.filename,
            "content_type": attachment.content_type,
            "size": attachment.size,
        }
        return incoming(described, self.settings.proxy)

    def turn(self, channel_id: str) -> asyncio.Lock:
        """Who holds it is heard; the others there wait for their turn, in their order."""
        lock = self._turns.get(channel_id)
        if lock is None:
            lock = self._turns[channel_id] = asyncio.Lock()
        return lock

    # --- Where it answers ---

    def _place_of(self, message: discord.Message) -> Place:
        """Where a message is answered: in the thread that it begins, where it may begin one."""
        if message.guild is not None and self._begins_thread(message.channel):
            is_new = message.edited_at is None
            if is_new or message.flags.has_thread or message.guild.get_thread(message.id) is not None:
                return thread_place(message.guild, str(message.id))
        return place_of(message.guild, message.channel)

    def _begins_thread(self, channel: Any) -> bool:
        return self.settings.threads and not isinstance(channel, discord.Thread)

    async def place_to_answer(
        self, guild: discord.Guild | None, channel: Any, message_id: int, text: str, author: Author
    ) -> Place:
        """The place of the answer to a message: a new thread in a text channel; else where it was said."""
        if guild is None or not self._begins_thread(channel):
            return place_of(guild, channel)
        title = thread_title(text, author)
        for number in range(1, _TRIES + 1):
            try:
                thread_id = await self._posting.begin_thread(str(channel.id), str(message_id), title)
                return thread_place(guild, thread_id, title)
            except PlatformBusyError as error:
                logger.info("The thread is not there yet: %s", error)
                await asyncio.sleep(min(error.retry_after or number, 30.0))
            except PlatformDeniedError as error:
                self.deny(error)
                break
            except PlatformError as error:  # no such permission, or a channel that has no threads
                logger.info("Answering in the channel itself: %s", error)
                break
        return place_of(guild, channel)


def _of_closing(error: discord.ConnectionClosed) -> PlatformError:
    """What the gateway says when it lets nobody in again."""
    if error.code == 4004:
        return refused_token()
    if error.code == 4011:
        return PlatformDeniedError("The bot is on more servers than one connection may serve (2,500).")
    return PlatformBusyError(f"Discord has ended the connection ({error.code}).")
