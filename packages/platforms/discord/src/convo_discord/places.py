"""Places and people of Discord, as ours."""

from __future__ import annotations

from typing import Any

import discord
from convo.bridge import Author, Place

__all__ = ["author_of", "place_of", "thread_place"]


def place_of(guild: discord.Guild | None, channel: Any) -> Place:
    """The place that a channel, a thread or somebody's direct messages are. Ids of Discord are of nothing else."""
    if guild is None:
        return Place("discord", ("direct", str(channel.id)), is_direct=True)
    return Place("discord", (str(guild.id), str(channel.id)), title=getattr(channel, "name", None))


def thread_place(guild: discord.Guild, thread_id: str, title: str | None = None) -> Place:
    return Place("discord", (str(guild.id), thread_id), title=title)


def author_of(user: discord.User | discord.Member, locale: Any = None) -> Author:
    """Somebody, by his id and the name that he has on all of Discord."""
    return Author(
        id=str(user.id),
        name=user.global_name or user.name,
        language=None if locale is None else str(locale),
        profile={"username": user.name, "image": user.display_avatar.url},
    )
