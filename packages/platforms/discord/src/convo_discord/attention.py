"""Attention: which messages are for the app."""

from __future__ import annotations

import logging
from collections import OrderedDict

import aiohttp
import discord

from convo_discord.client import Client
from convo_discord.convert import said_text
from convo_discord.settings import DiscordSettings

__all__ = ["Attention", "attachments_of"]

logger = logging.getLogger("convo_discord")

_SPOKEN = (discord.MessageType.default, discord.MessageType.reply)
_REMEMBERED = 1000  # threads


class Attention:
    """What is said to the bot: directly, by a mention, in a thread that is a talk with it, or in a channel for it."""

    def __init__(self, client: Client, settings: DiscordSettings) -> None:
        self._client = client
        self._settings = settings
        self._ours: OrderedDict[int, bool] = OrderedDict()  # threads, and whether they began with a mention

    async def is_for_us(self, message: discord.Message) -> bool:
        is_own = message.author.id == self._client.own_id
        is_other_bot = (message.author.bot or message.webhook_id is not None) and self._settings.ignore_bots
        if is_own or is_other_bot or message.type not in _SPOKEN:
            return False
        if message.guild is None or self._is_mentioned(message):
            return True
        if not (message.content or message.message_snapshots or attachments_of(message)):
            return False  # a sticker, or what the intents do not let us read
        ids = {str(message.channel.id), str(getattr(message.channel, "parent_id", None))}
        if ids & set(self._settings.channels):
            return True
        return isinstance(message.channel, discord.Thread) and await self._is_ours(message.channel)

    def text_of(self, message: discord.Message) -> str:
        """What a message says to us: without our own name, and with what was forwarded."""
        names = {str(one.id): f"@{one.display_name}" for one in message.mentions}
        names |= {str(one.id): f"@{one.name}" for one in message.role_mentions}
        names |= {str(one.id): f"#{one.name}" for one in message.channel_mentions}
        text = said_text(message.content, [str(self._client.own_id), *_own_roles(message.guild)], names)
        forwarded = [one.content for one in message.message_snapshots if one.content]
        return "\n\n".join([*([text] if text else []), *forwarded])

    def _is_mentioned(self, message: discord.Message) -> bool:
        own_id = self._client.own_id
        if own_id in message.raw_mentions or any(one.id == own_id for one in message.mentions):
            return True
        replied = message.reference.resolved if message.reference is not None else None
        if isinstance(replied, discord.Message) and replied.author.id == own_id:
            return True
        return bool({str(one) for one in message.raw_role_mentions} & set(_own_roles(message.guild)))

    async def _is_ours(self, thread: discord.Thread) -> bool:
        """Whether a thread is a talk with us: we began it, or its first message (in a forum) mentions us."""
        if thread.owner_id == self._client.own_id:
            return True
        if thread.id in self._ours:
            self._ours.move_to_end(thread.id)
            return self._ours[thread.id]
        try:
            first = await thread.fetch_message(thread.id)  # that of a forum's thread has the thread's id
        except (discord.NotFound, discord.Forbidden):
            found = False
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.warning("The beginning of the thread `%s` cannot be read: %s", thread.id, error)
            return False
        else:
            found = self._is_mentioned(first)
        self._ours[thread.id] = found
        if len(self._ours) > _REMEMBERED:
            self._ours.popitem(last=False)
        return found


def attachments_of(message: discord.Message) -> list[discord.Attachment]:
    """The files of a message, and of those that it forwards."""
    forwarded = [one for snapshot in message.message_snapshots for one in snapshot.attachments]
    return [*message.attachments, *forwarded]


def _own_roles(guild: discord.Guild | None) -> list[str]:
    """The role that a server has made for the bot: people mention it where they mean the bot."""
    role = None if guild is None else guild.self_role
    return [] if role is None else [str(role.id)]
