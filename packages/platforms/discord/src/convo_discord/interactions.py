"""Interactions: buttons that are pressed, dialogues that are filled in, and slash commands."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord
from convo.bridge import Author, Place
from convo.protocol import CommandError
from convo.session import Session

from convo_discord.convert import command_named, key_of, markdown, modal_payload, modal_text, quoted
from convo_discord.deliver import translated
from convo_discord.files import incoming
from convo_discord.places import author_of, place_of

if TYPE_CHECKING:
    from convo_discord.bridge import DiscordBridge

__all__ = ["Interactions"]

logger = logging.getLogger("convo_discord")

T = TypeVar("T")

_REMEMBERED = 1000
_ANSWERABLE_SECONDS = 14 * 60.0  # Discord takes answers to an interaction for 15 minutes
_COMMANDS_SECONDS = 20.0  # how long a command waits for the app to offer it in a thread that begins
_BEGINNINGS = ("on_chat_start", "on_chat_resume")


class Interactions:
    """Answers each within the three seconds that Discord gives, and then does what is asked for."""

    def __init__(self, bridge: DiscordBridge) -> None:
        self._bridge = bridge
        self._answerable: OrderedDict[tuple[str, str], tuple[discord.Interaction[Any], float]] = OrderedDict()

    async def hear(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.channel is None or interaction.user is discord.utils.MISSING:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        match interaction.type:
            case discord.InteractionType.component:
                await self._hear_press(interaction, key_of(data))
            case discord.InteractionType.modal_submit:
                await self._answer(interaction.response.defer())
                await self._press(interaction, str(data.get("custom_id")), modal_text(data))
            case discord.InteractionType.application_command:
                await self._hear_command(interaction, data)
            case _:
                logger.debug("An interaction of the type %s is not for us.", interaction.type)

    async def whisper(self, place: Place, author: Author, text: str) -> bool:
        """Tell somebody alone something, if he has just pressed or commanded something there. Raises as `Bridge`."""
        answerable, until = self._answerable.get((place.path[-1], author.id), (None, 0.0))
        if answerable is None or time.monotonic() > until:
            return False
        with translated():
            await answerable.followup.send(
                markdown(text)[:2000], ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
            )
        return True

    # --- Buttons and dialogues ---

    async def _hear_press(self, interaction: discord.Interaction[Any], key: str) -> None:
        kind = key.partition(":")[0]
        if kind == "reply":
            await self._ask(interaction, modal_payload(key, "Reply", "Your answer", is_needed=True))
            return
        if kind == "bad" and not _is_given(interaction, key):
            await self._ask(interaction, modal_payload(key, "Bad answer", "What was wrong?", is_needed=False))
        else:
            await self._answer(interaction.response.defer())
        await self._press(interaction, key, None)

    async def _press(self, interaction: discord.Interaction[Any], key: str, value: str | None) -> None:
        place, author = _where(interaction), author_of(interaction.user, interaction.locale)
        self._remember(interaction, place, author)
        await self._bridge.press(place, author, str(interaction.id), key, value)

    async def _ask(self, interaction: discord.Interaction[Any], payload: dict[str, Any]) -> None:
        await self._answer(interaction.response.send_modal(_Dialogue(payload)))

    # --- Commands ---

    async def _hear_command(self, interaction: discord.Interaction[Any], data: dict[str, Any]) -> None:
        options = {str(one.get("name")): one.get("value") for one in data.get("options") or ()}
        author = author_of(interaction.user, interaction.locale)
        name, text = str(data.get("name")), str(options.get("text") or "")
        if name == "stop":
            await self._hear_stop(interaction, author)
            return
        place = await self._show_what_was_said(interaction, author, name, text)
        attachments = (data.get("resolved") or {}).get("attachments") or {}
        file = attachments.get(str(options.get("file")))
        files = [] if file is None else [incoming(file, self._bridge.settings.proxy)]
        values = {"discord_channel": interaction.channel, "discord_interaction": interaction}
        self._remember(interaction, place, author)
        async with self._bridge.turn(place.path[-1]):
            command = await self._command_of(place, author, name)
            await self._bridge.say(
                place, author, str(interaction.id), text, files=files, command=command, values=values
            )

    async def _show_what_was_said(
        self, interaction: discord.Interaction[Any], author: Author, name: str, text: str
    ) -> Place:
        """Show what somebody said with a command, which Discord does not; returns the place of the answer."""
        said = quoted(text) if text else f"/{name}"
        nobody = discord.AllowedMentions.none()
        answered = await self._answer(interaction.response.send_message(said, allowed_mentions=nobody))
        if answered is None or answered.message_id is None:
            return _where(interaction)
        title = text or f"/{name}"
        return await self._bridge.place_to_answer(
            interaction.guild, interaction.channel, answered.message_id, title, author
        )

    async def _hear_stop(self, interaction: discord.Interaction[Any], author: Author) -> None:
        is_place = interaction.guild is None or isinstance(interaction.channel, discord.Thread)
        if not is_place and self._bridge.settings.threads:
            text = "Say it in the thread where I should stop."
            await self._answer(interaction.response.send_message(text, ephemeral=True))
            return
        await self._answer(interaction.response.send_message("Stopping.", ephemeral=True))
        place = _where(interaction)
        self._remember(interaction, place, author)
        await self._bridge.stop(place, author, str(interaction.id))

    async def _command_of(self, place: Place, author: Author, name: str) -> str | None:
        """The app's command by its name here. A thread that begins may offer it a moment later."""
        try:
            session, _, _ = await self._bridge.enter(place, author)
        except CommandError:
            return None  # `say` tells him
        reader = session.log.subscribe()
        try:
            async with asyncio.timeout(_COMMANDS_SECONDS):
                while not _offers(session, name) and any(run.callback in _BEGINNINGS for run in session.runs):
                    while reader.read() is not None:
                        pass
                    await reader.wait()
        except TimeoutError:
            logger.warning("The app does not offer `/%s` here.", name)
        finally:
            reader.close()
        return command_named(name, session.state.fields.get("commands") or ())

    # --- Answers ---

    def _remember(self, interaction: discord.Interaction[Any], place: Place, author: Author) -> None:
        """For a while, what he is told can be an answer that he alone sees."""
        key = place.path[-1], author.id
        self._answerable[key] = interaction, time.monotonic() + _ANSWERABLE_SECONDS
        self._answerable.move_to_end(key)
        if len(self._answerable) > _REMEMBERED:
            self._answerable.popitem(last=False)

    async def _answer(self, answer: Awaitable[T]) -> T | None:
        """What Discord says to an answer; `None` if it came too late: what was asked for is done all the same."""
        try:
            return await answer
        except (discord.HTTPException, discord.InteractionResponded, aiohttp.ClientError, OSError) as error:
            logger.info("An interaction was not answered: %s", error)
            return None


class _Dialogue(discord.ui.Modal):
    """A dialogue that is kept nowhere: what is written into it comes back with its key, also to another process."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(title=payload["title"], custom_id=payload["custom_id"])
        self._payload = payload
        self.stop()  # so that discord.py does not wait for it

    def to_dict(self) -> dict[str, Any]:
        return self._payload


def _where(interaction: discord.Interaction[Any]) -> Place:
    return place_of(interaction.guild, interaction.channel)


def _is_given(interaction: discord.Interaction[Any], key: str) -> bool:
    """Whether a rating is there already, and is taken back by this."""
    rows = [] if interaction.message is None else interaction.message.components
    buttons = [one for row in rows for one in getattr(row, "children", ())]
    return any((one.custom_id or "").startswith(key) and (one.label or "").endswith("✓") for one in buttons)


def _offers(session: Session, name: str) -> bool:
    """Whether the app has a command of this name in a session. To talk without any is always offered."""
    commands = session.state.fields.get("commands") or ()
    found = command_named(name, commands)
    return found is None or any(command["id"] == found for command in commands)
