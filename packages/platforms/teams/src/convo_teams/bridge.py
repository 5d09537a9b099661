"""The bridge to Microsoft Teams: what it sends comes to `/teams/events`, and what the app says goes back."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from convo.bridge import ASGI, Attachment, Author, Bridge, Part, Place, thread_id_of
from convo.bridge.degradation import COMMON
from convo.errors import PlatformBusyError, PlatformError, PlatformGoneError
from convo.protocol import CommandError

from convo_teams.connector import Activity, Connector, RefusedError
from convo_teams.convert import (
    answer_of,
    author_of,
    event_id_of,
    is_edit,
    place_of,
    press_of,
    rating_of,
    tenant_of,
    text_of,
)
from convo_teams.credentials import Credentials
from convo_teams.deliver import Deliverer, StreamCancelledError
from convo_teams.files import incoming_of, info_of, upload
from convo_teams.hosts import is_at
from convo_teams.settings import TeamsSettings

__all__ = ["TeamsBridge"]

logger = logging.getLogger("convo.teams")

_BODY_BYTES = 1024 * 1024
_ANSWER_SECONDS = 8.0
"""Teams waits for fifteen: what takes longer, as a large file, goes on after it was answered."""
_REMEMBERED = 10_000

Answer = tuple[int, Activity | None]

_AS_LINK = "in group chats and channels, where bots cannot send files, as a link to the web app"
_DEGRADES: Mapping[str, str] = {
    **COMMON,
    **dict.fromkeys(("Audio", "Dataframe", "File", "Pdf", "Pyplot", "Video"), _AS_LINK),
    "Image": f"{_AS_LINK}, if it is larger than 60 kB",
}


@dataclass(frozen=True, slots=True)
class _Presser(Author):
    """Somebody whose request is open: what only he shall read is its answer."""

    told: list[str] = field(default_factory=list, compare=False)


class TeamsBridge(Bridge):
    """Microsoft Teams ⇄ an App."""

    platform = "teams"
    text_limit = 20_000
    edit_seconds = 1.5
    status_seconds = 4.0
    has_forms = True
    degrades = _DEGRADES

    settings: TeamsSettings

    def __init__(self, settings: TeamsSettings) -> None:
        super().__init__(settings)
        self._credentials = Credentials(settings)
        self._connector = _connector(settings, self._credentials)
        self._deliverer = Deliverer(
            self._connector,
            is_labelled=settings.ai_label,
            read=self.read,
            link=lambda place: self.link(thread_id_of(place)),
        )
        self._handling: dict[str, asyncio.Task[Answer]] = {}  # by the activity: what is being done
        self._emails: dict[str, str | None] = {}  # by the author's id
        self._commands: dict[str, dict[str, str]] = {}  # by the place: what is written, and its command

    # --- What a bridge does ---

    @property
    def app(self) -> ASGI:
        return self._serve

    async def run(self) -> None:
        await self._credentials.token()
        self.connected()
        await asyncio.Event().wait()

    async def close(self) -> None:
        tasks = list(self._handling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connector.close()
        self._credentials.close()

    async def post(self, place: Place, part: Part) -> str:
        return await self._deliverer.post(place, part)

    async def edit(self, place: Place, ref: str, part: Part) -> None:
        try:
            await self._deliverer.edit(place, ref, part)
        except StreamCancelledError:
            if (user := place.address.get("user")) is not None:
                author = author_of({"from": user, "conversation": {"tenantId": place.path[0]}})
                await self.stop(place, author, f"{ref}:cancelled")

    async def delete(self, place: Place, ref: str) -> None:
        await self._deliverer.delete(place, ref)

    async def show_status(self, place: Place, text: str | None) -> None:
        if text is None:
            return
        try:
            await self._deliverer.inform(place, text)
        except PlatformGoneError as error:
            logger.info("Teams does not show that the app works: %s", error)

    async def show_commands(self, place: Place, commands: list[dict[str, Any]]) -> None:
        named = {f"/{one['id']}".lower(): str(one["id"]) for one in commands if one.get("id")}
        if named:
            self._commands[place.key] = named
        else:
            self._commands.pop(place.key, None)

    async def whisper(self, place: Place, author: Author, text: str) -> None:
        if isinstance(author, _Presser):
            author.told.append(text)
            return
        await super().whisper(place, author, text)

    # --- HTTP ---

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        """`POST /events`, as an ASGI app."""
        if scope["type"] != "http":
            return
        if scope["path"].rstrip("/").rpartition("/")[2] != "events":
            await _respond(send, 404, {"error": "Teams sends to `/teams/events`."})
            return
        if scope["method"] != "POST":
            await _respond(send, 405, {"error": "Teams sends by POST."})
            return
        try:
            activity = _activity(await _body(receive))
            headers = dict(scope["headers"])
            context = await self._admit(headers.get(b"authorization", b"").decode("latin-1"), activity)
            status, answer = await self._answer(activity, context)
        except RefusedError as error:
            logger.warning("A request to `/teams/events` was refused: %s", error)
            status, answer = error.status, {"error": "The request was refused."}
        except PlatformBusyError as error:
            logger.warning("A request to `/teams/events` cannot be served now: %s", error)
            status, answer = 503, {"error": "Try again later."}
        await _respond(send, status, answer)

    async def _admit(self, authorization: str, activity: Activity) -> object:
        """The turn context of an activity that may come in. Raises `RefusedError`, `PlatformBusyError`."""
        context = await self._connector.admit(authorization, activity)
        if activity.get("channelId") != "msteams":
            raise RefusedError(403, "The request is not from Teams.")
        if not is_at(activity.get("serviceUrl"), self.settings.service_hosts):
            raise RefusedError(403, f"`{activity.get('serviceUrl')}` is not at one of `service_hosts`.")
        if not self.settings.admits(tenant_of(activity)):
            raise RefusedError(403, f"The tenant `{tenant_of(activity)}` is not one of those that may use the bot.")
        return context

    async def _answer(self, activity: Activity, context: object) -> Answer:
        """What an activity is answered: when it is done, or soon. One that comes again waits for the same."""
        key = f"{_place_key(activity)}:{activity.get('type')}:{event_id_of(activity)}"
        task = self._handling.get(key)
        if task is None:
            task = asyncio.create_task(self._handle(activity, context), name="convo-teams-activity")
            self._handling[key] = task
            task.add_done_callback(lambda done: self._handled(key, done))
        done, _ = await asyncio.wait({task}, timeout=_ANSWER_SECONDS)
        return task.result() if done else (200, None)

    def _handled(self, key: str, task: asyncio.Task[Answer]) -> None:
        self._handling.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("An activity of Teams could not be handled", exc_info=error)

    # --- What comes in ---

    async def _handle(self, activity: Activity, context: object) -> Answer:
        try:
            place, author = place_of(activity), await self._author(activity)
        except ValueError as error:
            logger.info("An activity of Teams is left out: %s", error)
            return 200, None
        match activity.get("type"):
            case "message":
                await self._message(activity, context, place, author)
            case "messageUpdate" if is_edit(activity) and (text := text_of(activity)):
                await self.revise(place, author, event_id_of(activity), str(activity.get("id")), text)
            case "conversationUpdate" if place.is_direct and _is_added(activity):
                await self._greet(place, author)
            case "invoke":
                return await self._invoked(activity, place, author)
        return 200, None

    async def _message(self, activity: Activity, context: object, place: Place, author: Author) -> None:
        if (press := press_of(activity)) is not None:
            await self.press(place, author, event_id_of(activity), press.key, press.value)
            return
        text = text_of(activity)
        hosts = self.settings.file_hosts, self.settings.service_hosts
        files = incoming_of(activity, *hosts, self._credentials.token)
        if not text and not files:
            return
        first, _, rest = text.partition(" ")
        command = self._commands.get(place.key, {}).get(first.lower())
        await self.say(
            place,
            author,
            event_id_of(activity),
            text if command is None else rest.strip(),
            files=files,
            command=command,
            values={"teams_turn_context": context},
        )

    async def _greet(self, place: Place, author: Author) -> None:
        """Begin the conversation with somebody who has just got the bot."""
        try:
            await self.enter(place, author)
        except CommandError as error:
            logger.info("A conversation of Teams does not begin: %s", error.failure.text)

    async def _invoked(self, activity: Activity, place: Place, author: Author) -> Answer:
        event_id = event_id_of(activity)
        presser = _Presser(author.id, author.name, author.email, author.language, author.profile)
        if (press := press_of(activity)) is not None:
            await self.press(place, presser, event_id, press.key, press.value)
            return 200, answer_of(" ".join(presser.told) or None)
        if (rating := rating_of(activity)) is not None:
            await self.rate(place, presser, event_id, rating.ref, rating.value, rating.comment)
            return 200, {}
        if activity.get("name") == "fileConsent/invoke":
            await self._consented(activity, place, author)
            return 200, {}
        return 501, None

    # --- Files ---

    async def _consented(self, activity: Activity, place: Place, author: Author) -> None:
        """Somebody takes a file, or does not want it."""
        value, ref = activity.get("value"), activity.get("replyToId")
        if not isinstance(value, Mapping) or not isinstance(value.get("context"), Mapping):
            return
        key, info = value["context"].get("convo"), value.get("uploadInfo")
        if value.get("action") != "accept" or not isinstance(info, Mapping):
            await self._close_consent(place, ref, "The file was not sent.")
            return
        try:
            attachment = await self._attachment(place, author, key)
            size = await self._deliverer.size(attachment)
            await upload(info.get("uploadUrl"), self.read(attachment), size, self.settings.file_hosts)
        except (CommandError, PlatformError) as error:
            logger.warning("A file could not be sent: %s", error)
            await self.whisper(place, author, "The file could not be sent.")
            return
        if isinstance(ref, str):
            await self._replace(place, ref, info_of(info))

    async def _close_consent(self, place: Place, ref: Any, text: str) -> None:
        if isinstance(ref, str):
            await self._replace(place, ref, {"type": "message", "text": text})

    async def _replace(self, place: Place, ref: str, activity: Activity) -> None:
        try:
            await self._deliverer.replace(place, ref, activity)
        except PlatformError as error:
            logger.info("A message about a file stays as it was: %s", error)

    async def _attachment(self, place: Place, author: Author, key: Any) -> Attachment:
        """The file of a part that a place shows. Raises `CommandError`."""
        session, _, _ = await self.enter(place, author)
        steps = [step_id for step_id in session.state.steps if str(key).startswith(f"{step_id}:")]
        for part in (part for step_id in steps for part in self.transcript.parts(session.state, step_id)):
            if part.key == key and part.attachment is not None:
                return part.attachment
        raise CommandError("not-found", "The file is not there any more.", key="fileGone")

    # --- Who ---

    async def _author(self, activity: Activity) -> Author:
        """Who an activity is from; with his e-mail where users are known by that, and his tenant can be believed.

        Raises `ValueError` without a sender, `PlatformBusyError`.
        """
        author = author_of(activity)
        if self.settings.user_by != "email" or not self.settings.trusts(tenant_of(activity)):
            return author
        if author.id not in self._emails:
            member = await self._connector.member(place_of(activity).address, str(activity["from"]["id"]))
            if len(self._emails) >= _REMEMBERED:
                self._emails.pop(next(iter(self._emails)))
            self._emails[author.id] = member.get("email") or member.get("userPrincipalName")
        return author_of(activity, email=self._emails[author.id])


def _connector(settings: TeamsSettings, credentials: Credentials) -> Connector:
    if settings.sdk == "agents":
        from convo_teams.agents import AgentsConnector

        return AgentsConnector(settings, credentials)
    from convo_teams.botbuilder import BotbuilderConnector

    return BotbuilderConnector(settings, credentials)


def _place_key(activity: Activity) -> str:
    """What tells the place of an activity from others, of any activity."""
    try:
        return place_of(activity).key
    except ValueError:
        return ""


def _is_added(activity: Activity) -> bool:
    """Whether it is the bot that somebody has added."""
    bot = (activity.get("recipient") or {}).get("id")
    added = activity.get("membersAdded")
    return isinstance(added, list) and any(isinstance(one, Mapping) and one.get("id") == bot for one in added)


def _activity(body: bytes) -> Activity:
    """Raises `RefusedError` for what is no activity."""
    try:
        activity = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "The request is no JSON.") from error
    if not isinstance(activity, dict) or not isinstance(activity.get("type"), str):
        raise RefusedError(400, "The request is no activity.")
    return activity


async def _body(receive: Callable[[], Awaitable[Any]]) -> bytes:
    """Raises `RefusedError` for one that is too large, or is broken off."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(400, "The request was broken off.")
        body += message.get("body", b"")
        if len(body) > _BODY_BYTES:
            raise RefusedError(413, "The request is too large.")
        if not message.get("more_body"):
            return bytes(body)


async def _respond(send: Callable[[Any], Coroutine[Any, Any, None]], status: int, answer: Activity | None) -> None:
    body = b"" if answer is None else json.dumps(answer).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
