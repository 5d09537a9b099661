"""Delivery: parts → Teams, as messages, or as one that is being written."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from convo.bridge import Attachment, Part, Place
from convo.errors import PlatformError, PlatformGoneError
from convo.protocol import CommandError

from convo_teams.connector import Activity, Connector
from convo_teams.convert import activity_of, escaped, markup_of, stream_of
from convo_teams.files import consent_of, inline_of, is_inline

__all__ = ["Deliverer", "StreamCancelledError"]

logger = logging.getLogger("convo.teams")

_STREAM_SECONDS = 100.0
"""Teams ends a stream after two minutes: before that it becomes a message, which is edited."""

_NO_STREAM = "ContentStreamNotAllowed"
_CANCELLED = "cancel"
_REMEMBERED = 500


class StreamCancelledError(Exception):
    """Somebody has pressed Teams' own button, to have no more of a message."""


@dataclass(slots=True)
class _Stream:
    id: str
    place: str
    text: str = ""
    sequence: int = 1
    began_at: float = field(default_factory=time.monotonic)

    @property
    def is_old(self) -> bool:
        return time.monotonic() - self.began_at > _STREAM_SECONDS


class Deliverer:
    """Posts, edits and deletes. In a personal chat an answer streams; elsewhere it is edited while it is written."""

    def __init__(
        self,
        connector: Connector,
        *,
        is_labelled: bool,
        read: Callable[[Attachment], AsyncIterator[bytes]],
        link: Callable[[Place], str | None],
    ) -> None:
        self._connector = connector
        self._is_labelled = is_labelled
        self._read = read
        self._link = link
        self._streams: dict[str, _Stream] = {}  # by the id of their message
        self._informed: dict[str, _Stream] = {}  # that have no message yet, by the place
        self._shown: dict[str, Activity] = {}  # the last ones, by their ids: what looks the same is not changed
        self._unstreamed: set[str] = set()  # places where Teams lets nothing stream

    async def post(self, place: Place, part: Part) -> str:
        """Show a part; returns the id of its message."""
        if part.attachment is not None:
            return await self._post_file(place, part, part.attachment)
        informed = self._informed.pop(place.key, None) if part.kind == "answer" else None
        if informed is not None and informed.is_old:
            informed = None
        activity = activity_of(part, is_labelled=self._is_labelled)
        try:
            if part.is_open and part.kind == "answer" and self._can_stream(place):
                return await self._begin(place, part, informed)
            if informed is not None:
                return await self._finish(place, informed, activity)
        except PlatformGoneError as error:
            if _NO_STREAM not in str(error):
                raise
            self._forbid(place, error)
        ref = await self._connector.send(place.address, activity)
        self._remember(ref, activity)
        return ref

    async def edit(self, place: Place, ref: str, part: Part) -> None:
        """Make a message look otherwise. Raises `StreamCancelledError` too."""
        if part.attachment is not None:
            return  # somebody may have taken the file, and the message shows that
        activity = activity_of(part, is_labelled=self._is_labelled)
        stream = self._streams.get(ref)
        if stream is None:
            if self._shown.get(ref) != activity:
                await self._connector.update(place.address, ref, activity)
                self._remember(ref, activity)
        elif part.is_open and not stream.is_old:
            await self._go_on(place, stream, markup_of(part.text))
        else:
            await self._end(place, stream, activity)

    async def delete(self, place: Place, ref: str) -> None:
        """Remove a message."""
        self._streams.pop(ref, None)
        self._shown.pop(ref, None)
        await self._connector.delete(place.address, ref)

    async def replace(self, place: Place, ref: str, activity: Activity) -> None:
        """Put an activity in the place of a message."""
        self._shown.pop(ref, None)
        await self._connector.update(place.address, ref, activity)

    async def inform(self, place: Place, text: str) -> None:
        """Show that the app works, and in a personal chat on what."""
        if not text or not self._can_stream(place):
            await self._connector.send(place.address, {"type": "typing"})
            return
        stream = self._informed.get(place.key)
        try:
            if stream is None or stream.is_old:
                ref = await self._connector.send(place.address, stream_of(text, "informative", None, 1))
                self._informed[place.key] = _Stream(ref, place.key)
                return
            stream.sequence += 1
            await self._connector.send(place.address, stream_of(text, "informative", stream.id, stream.sequence))
        except PlatformGoneError as error:
            if _NO_STREAM not in str(error):
                raise
            self._informed.pop(place.key, None)
            self._forbid(place, error)

    # --- Streams ---

    def _can_stream(self, place: Place) -> bool:
        """Whether an answer may stream there: one at a time does."""
        is_streaming = any(stream.place == place.key for stream in self._streams.values())
        return place.is_direct and place.key not in self._unstreamed and not is_streaming

    def _forbid(self, place: Place, error: PlatformError) -> None:
        """From now on answers are edited there; but not because somebody wanted to hear no more of one."""
        if _CANCELLED not in str(error).lower():
            logger.info("Teams lets nothing stream in this chat: %s", error)
            self._unstreamed.add(place.key)

    async def _begin(self, place: Place, part: Part, informed: _Stream | None) -> str:
        text = markup_of(part.text)
        if informed is None:
            ref = await self._connector.send(place.address, stream_of(text, "streaming", None, 1))
            stream = _Stream(ref, place.key)
        else:
            stream = informed
            stream.sequence += 1
            await self._connector.send(place.address, stream_of(text, "streaming", stream.id, stream.sequence))
        stream.text = text
        self._streams[stream.id] = stream
        return stream.id

    async def _go_on(self, place: Place, stream: _Stream, text: str) -> None:
        if not text.startswith(stream.text) or text == stream.text:
            return  # a stream can only grow; its end says all
        stream.sequence += 1
        activity = stream_of(text, "streaming", stream.id, stream.sequence)
        try:
            await self._connector.send(place.address, activity)
        except PlatformGoneError as error:
            self._streams.pop(stream.id, None)
            if _CANCELLED in str(error).lower():
                raise StreamCancelledError(str(error)) from error
            logger.info("A stream of Teams has ended before its message: %s", error)
            return
        stream.text = text

    async def _end(self, place: Place, stream: _Stream, activity: Activity) -> None:
        try:
            await self._finish(place, stream, activity)
        except PlatformGoneError:  # it was ended on the other side: the message is there, and can be changed
            await self._connector.update(place.address, stream.id, activity)
        self._streams.pop(stream.id, None)

    async def _finish(self, place: Place, stream: _Stream, activity: Activity) -> str:
        final = stream_of(activity["text"], "final", stream.id, 0)
        entities: list[dict[str, Any]] = [*final["entities"], *activity.get("entities", [])]
        await self._connector.send(place.address, {**activity, **final, "entities": entities})
        self._remember(stream.id, activity)
        return stream.id

    def _remember(self, ref: str, activity: Activity) -> None:
        self._shown.pop(ref, None)
        self._shown[ref] = activity
        if len(self._shown) > _REMEMBERED:
            del self._shown[next(iter(self._shown))]

    # --- Files ---

    async def _post_file(self, place: Place, part: Part, attachment: Attachment) -> str:
        if attachment.url is not None and (attachment.mime or "").startswith("image/"):
            one = {"contentType": attachment.mime, "contentUrl": attachment.url, "name": attachment.name}
            return await self._connector.send(place.address, {"type": "message", "attachments": [one]})
        if attachment.url is not None:
            return await self._note(place, f"[{escaped(attachment.name)}]({attachment.url})")
        if is_inline(attachment):
            content = b"".join([piece async for piece in self._bytes(attachment)])
            return await self._connector.send(place.address, inline_of(attachment, content))
        if place.is_direct:
            size = await self.size(attachment)
            return await self._connector.send(place.address, consent_of(part, attachment, size))
        where = self._link(place)
        name = f"**{escaped(attachment.name)}**"
        return await self._note(place, f"{name}: [open in the web app]({where})" if where else f"{name}: a file")

    async def _note(self, place: Place, text: str) -> str:
        return await self._connector.send(place.address, {"type": "message", "textFormat": "markdown", "text": text})

    async def size(self, attachment: Attachment) -> int:
        """How many bytes it has. Raises `PlatformError` where they cannot be read."""
        if attachment.bytes is not None and attachment.content is None:
            return attachment.bytes
        return sum([len(piece) async for piece in self._bytes(attachment)])

    async def _bytes(self, attachment: Attachment) -> AsyncIterator[bytes]:
        try:
            async for piece in self._read(attachment):
                yield piece
        except CommandError as error:
            raise PlatformError(f"`{attachment.name}` cannot be read: {error.failure.text}") from error
