"""What the app says, on its way into Slack: posted, streamed and edited."""

from __future__ import annotations

import time
from typing import Any

from convo.bridge import Part, Place
from convo.errors import PlatformBusyError, PlatformGoneError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from convo_slack.calls import SlackRefusalError, slack_call
from convo_slack.convert import blocks_of, closing_blocks, neutral, plain_blocks, steady, summary
from convo_slack.files import alt_text
from convo_slack.settings import SlackSettings
from convo_slack.workspaces import Workspace

__all__ = ["Deliverer"]

_EVENT = "convo_part"
"""What the metadata of our messages are called: they name the part that a message shows."""

_TOO_NEW = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "unsupported_block_type"})
_STREAMING = frozenset({"streaming_state_conflict", "message_is_streaming"})
_FILE = "file:"
_DAY = 86_400
_BEGINNING = 24
"""So much of a stream that was cut off tells it from others: how far it was stored may be less than what was shown."""
_PAGES = 5


class Deliverer:
    """Shows parts as messages. Of a message that is a stream of Slack's it knows how much was sent."""

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings
        self._streams: dict[tuple[str, str], str] = {}  # what was sent, by channel and message
        self._unsure: set[tuple[str, str]] = set()  # streams of which that is not known any more
        self._edited_only: set[tuple[str, str]] = set()  # channels of workspaces that take no streams
        self._plain_only: set[str] = set()  # workspaces that know the older blocks alone

    async def post(self, workspace: Workspace, place: Place, part: Part, reader: str | None) -> str:
        """Post a part; the `ts` of its message. `reader` is the user a stream is for."""
        if self._can_stream(workspace, place, part) and (ts := await self._start(workspace, place, part, reader)):
            return ts
        channel, thread_ts = _where(place)
        where: dict[str, Any] = {
            "channel": channel,
            "thread_ts": thread_ts,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        answer = await self._write(workspace, part, "chat.postMessage", **where)
        return str(answer["ts"])

    async def edit(self, workspace: Workspace, place: Place, ts: str, part: Part) -> None:
        """Make a message look as `part` says."""
        channel, _ = _where(place)
        if (channel, ts) in self._streams and await self._go_on(workspace, channel, ts, part):
            return
        try:
            await self._write(workspace, part, "chat.update", channel=channel, ts=ts)
        except SlackRefusalError as error:
            if error.code not in _STREAMING:
                raise
            await self._close(workspace, channel, ts)  # a process before this one began it
            await self._write(workspace, part, "chat.update", channel=channel, ts=ts)

    async def delete(self, workspace: Workspace, place: Place, ref: str) -> None:
        """Remove a message, or a file by its own reference."""
        channel, _ = _where(place)
        self._streams.pop((channel, ref), None)
        with slack_call("chat.delete"):
            if ref.startswith(_FILE):
                await workspace.client.files_delete(file=ref.removeprefix(_FILE))
            else:
                await workspace.client.chat_delete(channel=channel, ts=ref)

    async def find(self, workspace: Workspace, place: Place, part: Part) -> str | None:
        """The message that shows a part, among those of the last day."""
        channel, thread_ts = _where(place)
        cursor = None
        for _ in range(_PAGES):
            try:
                page = await _page(workspace, channel, thread_ts, cursor)
            except (PlatformGoneError, SlackRefusalError):
                return None  # it may not look: then nobody can tell
            for message in page.get("messages") or ():
                if message.get("bot_id") == workspace.bot_id and _shows(message, part):
                    return _ref(message, part)
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        return None

    @staticmethod
    def file_ref(file_id: str) -> str:
        """The reference of a file that was shared."""
        return f"{_FILE}{file_id}"

    # --- Messages ---

    async def _write(self, workspace: Workspace, part: Part, method: str, **where: Any) -> AsyncSlackResponse:
        """Post or update a message, with the blocks of before where a workspace does not know the newer ones."""
        more: dict[str, Any] = {"text": summary(part), "metadata": _metadata(part), **where}
        more = {key: value for key, value in more.items() if value is not None}
        if workspace.team_id not in self._plain_only:
            try:
                with slack_call(method):
                    return await workspace.client.api_call(method, json={**more, "blocks": self._blocks(part)})
            except SlackRefusalError as error:
                if error.code not in _TOO_NEW:
                    raise
        with slack_call(method):
            answer = await workspace.client.api_call(method, json={**more, "blocks": plain_blocks(part)})
        self._plain_only.add(workspace.team_id)
        return answer

    def _blocks(self, part: Part) -> list[dict[str, Any]]:
        return blocks_of(part, markup=self._settings.markup, with_users=self._settings.mentions == "users")

    # --- Streams ---

    def _text(self, part: Part) -> str:
        text = neutral(part.text, with_users=self._settings.mentions == "users")
        return steady(text) if part.is_open else text

    def _can_stream(self, workspace: Workspace, place: Place, part: Part) -> bool:
        return (
            part.is_open
            and part.author is None
            and not part.tasks
            and self._settings.streaming == "native"
            and self._settings.markup == "markdown"
            and place.address.get("thread_ts") is not None
            and (workspace.team_id, place.address["channel"]) not in self._edited_only
        )

    async def _start(self, workspace: Workspace, place: Place, part: Part, reader: str | None) -> str | None:
        """Begin a stream; `None` where Slack takes none."""
        channel, thread_ts = _where(place)
        text = self._text(part)
        if not text.strip():
            return None
        try:
            with slack_call("chat.startStream"):
                answer = await workspace.client.chat_startStream(
                    channel=channel,
                    thread_ts=str(thread_ts),
                    markdown_text=text,
                    recipient_user_id=reader,
                    recipient_team_id=workspace.team_id if reader else None,
                )
        except SlackRefusalError:
            self._edited_only.add((workspace.team_id, channel))
            return None
        ts = str(answer["ts"])
        self._streams[channel, ts] = text
        return ts

    async def _go_on(self, workspace: Workspace, channel: str, ts: str, part: Part) -> bool:
        """Append what is new to a stream, or end it; false where the message has to be written anew instead."""
        key = channel, ts
        sent, text = self._streams[key], self._text(part)
        is_a_beginning = text.startswith(sent) and not part.tasks and part.author is None
        if key in self._unsure or not is_a_beginning:
            await self._close(workspace, channel, ts)
            return False
        rest = text[len(sent) :]
        try:
            if not part.is_open:
                await self._finish(workspace, channel, ts, rest, part)
                self._forget(key)
            elif rest:
                with slack_call("chat.appendStream"):
                    await workspace.client.chat_appendStream(channel=channel, ts=ts, markdown_text=rest)
                self._streams[key] = text
        except PlatformBusyError as error:
            if error.is_unsure:
                self._unsure.add(key)
            raise
        except SlackRefusalError:  # Slack ends streams of its own accord, after some minutes
            self._forget(key)
            return False
        return True

    async def _finish(self, workspace: Workspace, channel: str, ts: str, rest: str, part: Part) -> None:
        more: dict[str, Any] = {"markdown_text": rest or None, "blocks": closing_blocks(part) or None}
        with slack_call("chat.stopStream"):
            await workspace.client.chat_stopStream(channel=channel, ts=ts, metadata=_metadata(part), **more)

    async def _close(self, workspace: Workspace, channel: str, ts: str) -> None:
        """End a stream that will be written over."""
        try:
            with slack_call("chat.stopStream"):
                await workspace.client.chat_stopStream(channel=channel, ts=ts)
        except SlackRefusalError:
            pass  # it has ended already
        self._forget((channel, ts))

    def _forget(self, key: tuple[str, str]) -> None:
        self._streams.pop(key, None)
        self._unsure.discard(key)


def _where(place: Place) -> tuple[str, str | None]:
    return str(place.address["channel"]), place.address.get("thread_ts")


async def _page(workspace: Workspace, channel: str, thread_ts: str | None, cursor: str | None) -> AsyncSlackResponse:
    """Messages of a thread, or of a channel, of the last day."""
    more: dict[str, Any] = {"oldest": f"{time.time() - _DAY:.6f}", "limit": 200, "cursor": cursor}
    more |= {"channel": channel, "include_all_metadata": True}
    with slack_call("conversations.replies"):
        if thread_ts is None:
            return await workspace.client.conversations_history(**more)
        return await workspace.client.conversations_replies(ts=thread_ts, **more)


def _metadata(part: Part) -> dict[str, Any]:
    return {"event_type": _EVENT, "event_payload": {"key": part.key}}


def _shows(message: dict[str, Any], part: Part) -> bool:
    """Whether a message of ours shows a part: by its name, and for what cannot bear one by what it holds."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == _EVENT:
        return bool((metadata.get("event_payload") or {}).get("key") == part.key)
    if part.attachment is not None:
        return any(file.get("alt_txt") == alt_text(part.attachment) for file in message.get("files") or ())
    if message.get("files"):
        return False
    shown, text = str(message.get("text") or "").strip(), neutral(part.text)  # a stream that was cut off
    stored = text.rpartition("\n\n_")[0].strip()  # without the note that it was cut off
    return bool(shown) and (text.startswith(shown[:_BEGINNING]) or (bool(stored) and shown.startswith(stored)))


def _ref(message: dict[str, Any], part: Part) -> str:
    if part.attachment is not None:
        return Deliverer.file_ref(str(message["files"][0]["id"]))
    return str(message["ts"])
