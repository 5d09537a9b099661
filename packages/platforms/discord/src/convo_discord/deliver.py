"""Delivery: parts → Discord's API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import discord
from convo.bridge import Attachment, Part, Place
from convo.errors import PlatformBusyError, PlatformDeniedError, PlatformError, PlatformGoneError
from convo.protocol import CommandError
from discord.http import HTTPClient, Route

from convo_discord.convert import message_payload, nonce_of, shown_by
from convo_discord.files import spooled

__all__ = ["PORTAL", "Channels", "invitation", "refused_token", "translated"]

PORTAL = "https://discord.com/developers/applications"

_PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
_LOOKED_BACK = 50  # messages among which one is looked for
_LONGEST_REQUEST = 600.0  # seconds; in them discord.py waits for rate limits and tries again
_GONE = frozenset({10003, 10004, 10008, 50001, 50007, 50083})
"""Unknown channel, server or message; no access; a person who takes no messages; a thread that is closed."""
_MISSING_PERMISSIONS = 50013
_TOO_LARGE = 40005
_THREAD_IS_THERE = 160004

Read = Callable[[Attachment], AsyncGenerator[bytes, None]]


class Channels:
    """Posts into channels and changes what it posted. Its methods raise as those of `Bridge` do.

    Each waits for the rate limits of its own channel alone: discord.py keeps account of them.
    """

    def __init__(self, http: HTTPClient, read: Read, app_name: str) -> None:
        self._http = http
        self._read = read
        self._app_name = app_name

    async def post(self, place: Place, part: Part) -> str:
        """The message's id. What was posted already, in the last minutes, is not posted again."""
        nonce = nonce_of(place, part.key)
        payload = message_payload(part, nonce, self._app_name)
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_of(place))
        message = await self._send(route, {**payload, "nonce": nonce, "enforce_nonce": True}, part)
        if part.attachment is None and not _looks_like(message, payload):  # an earlier one with this nonce
            await self.edit(place, message["id"], part)
        return str(message["id"])

    async def edit(self, place: Place, ref: str, part: Part) -> None:
        payload = message_payload(part, nonce_of(place, part.key), self._app_name)
        route = Route(
            "PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=channel_of(place), message_id=ref
        )
        await self._send(route, payload, part)

    async def delete(self, place: Place, ref: str) -> None:
        route = Route(
            "DELETE", "/channels/{channel_id}/messages/{message_id}", channel_id=channel_of(place), message_id=ref
        )
        await self._request(route)

    async def find(self, place: Place, part: Part, own_id: str) -> str | None:
        """The message of a part among the last ones, known by its buttons."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_of(place))
        messages = await self._request(route, params={"limit": _LOOKED_BACK})
        nonce = nonce_of(place, part.key)
        for message in messages:
            if message["author"]["id"] == own_id and shown_by(message, nonce):
                await self.edit(place, message["id"], part)  # it may have stopped in the middle of it
                return str(message["id"])
        return None

    async def show_typing(self, place: Place) -> None:
        """For ten seconds, or until a message is posted."""
        await self._request(Route("POST", "/channels/{channel_id}/typing", channel_id=channel_of(place)))

    async def begin_thread(self, channel_id: str, message_id: str, title: str) -> str:
        """The id of the thread of a message; of the one that is there already, too."""
        route = Route(
            "POST",
            "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=channel_id,
            message_id=message_id,
        )
        try:
            thread = await self._request(route, json={"name": title, "auto_archive_duration": 1440})
        except PlatformError as error:
            cause = error.__cause__
            if isinstance(cause, discord.HTTPException) and cause.code == _THREAD_IS_THERE:
                return message_id
            raise
        return str(thread["id"])

    async def offer(self, application_id: int | None, commands: list[dict[str, Any]]) -> None:
        """Make these the slash commands of the bot, everywhere."""
        route = Route("PUT", "/applications/{application_id}/commands", application_id=application_id)
        await self._request(route, json=commands)

    async def offered(self, application_id: int | None) -> list[dict[str, Any]]:
        route = Route("GET", "/applications/{application_id}/commands", application_id=application_id)
        return list(await self._request(route))

    async def _send(self, route: Route, payload: dict[str, Any], part: Part) -> Any:
        attachment = part.attachment
        if attachment is None:
            return await self._request(route, json=payload)
        if attachment.url is not None:  # Discord shows what an address leads to
            return await self._request(route, json={**payload, "content": attachment.url})
        async with self._opened(attachment) as file:
            described = {**payload, "attachments": [{"id": 0, "filename": file.filename}]}
            form = [
                {"name": "payload_json", "value": json.dumps(described)},
                {
                    "name": "files[0]",
                    "value": file.fp,
                    "filename": file.filename,
                    "content_type": "application/octet-stream",
                },
            ]
            return await self._request(route, files=[file], form=form)

    @asynccontextmanager
    async def _opened(self, attachment: Attachment) -> AsyncIterator[discord.File]:
        async with AsyncExitStack() as stack:
            pieces = await stack.enter_async_context(aclosing(self._read(attachment)))
            try:
                file = await stack.enter_async_context(spooled(pieces, attachment))
            except CommandError as error:
                if error.failure.code == "unavailable":
                    raise PlatformBusyError(str(error), retry_after=error.failure.retry_after) from error
                raise PlatformError(str(error)) from error
            yield file

    async def _request(self, route: Route, **arguments: Any) -> Any:
        with translated():
            async with asyncio.timeout(_LONGEST_REQUEST):
                return await self._http.request(route, **arguments)


def channel_of(place: Place) -> str:
    """The channel or thread that a place is."""
    return place.path[-1]


def _looks_like(message: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    """Whether Discord shows what was asked for."""
    is_same = str(message.get("content", "")).strip() == str(payload["content"]).strip()
    return is_same and _ids(message) == _ids(payload)


def _ids(message: Mapping[str, Any]) -> list[str]:
    return [
        str(one.get("custom_id") or one.get("url"))
        for row in message.get("components") or ()
        for one in row.get("components") or ()
    ]


@contextmanager
def translated() -> Iterator[None]:
    """What discord.py raises, as errors of a platform."""
    try:
        yield
    except discord.RateLimited as error:
        raise PlatformBusyError("Discord limits the rate.", retry_after=error.retry_after) from error
    except discord.HTTPException as error:
        raise _of_answer(error) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise PlatformBusyError(f"Discord does not answer: {type(error).__name__}", is_unsure=True) from error


def _of_answer(error: discord.HTTPException) -> PlatformError:
    if error.status == 401:
        return refused_token()
    if error.status == 429:
        return PlatformBusyError("Discord limits the rate.", retry_after=_retry_after(error))
    if error.status >= 500:
        return PlatformBusyError(f"Discord has a fault ({error.status}).", is_unsure=True)
    if error.code == _MISSING_PERMISSIONS:
        return PlatformGoneError(
            "The bot may not do this here. Give its role `View Channels`, `Send Messages`, `Send Messages in Threads`, "
            "`Create Public Threads`, `Attach Files` and `Read Message History`."
        )
    if error.code in _GONE or error.status == 404:
        return PlatformGoneError(f"Discord: {error.text} ({error.code})")
    if error.code == _TOO_LARGE:
        return PlatformError("The file is larger than Discord takes here.")
    return PlatformError(f"Discord does not take it: {error.text} ({error.code})")


def _retry_after(error: discord.HTTPException) -> float | None:
    try:
        return float(error.response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None


def invitation(application_id: int | None) -> str:
    """Where somebody who manages a server lets the bot in."""
    return discord.utils.oauth_url(
        application_id or 0, permissions=_PERMISSIONS, scopes=("bot", "applications.commands")
    )


def refused_token() -> PlatformDeniedError:
    return PlatformDeniedError(
        f"Discord does not take the bot's token. Reset it at {PORTAL} (your application, Bot, Reset Token) and set it "
        "as `DISCORD_BOT_TOKEN`."
    )
