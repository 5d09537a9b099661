"""The feed: keeps the fold of a thread up to date by its stream of events, over cuts and restarts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any, TypeVar, get_args

import msgspec
from convo.follower import Follower, GapError
from convo.protocol import Batch, Event, Failure, Goodbye, Snapshot

from convo_client.backoff import Backoff
from convo_client.errors import (
    ClientError,
    ConflictError,
    NotFollowedError,
    UnexpectedAnswerError,
    UnreachableError,
    refused,
)
from convo_client.sse import read_messages
from convo_client.transport import Transport, decode

__all__ = ["Feed"]

logger = logging.getLogger("convo_client.feed")

T = TypeVar("T")

_KINDS = frozenset(str(event.__struct_config__.tag) for event in get_args(Event))
_TAKEN_OVER = Failure(
    code="conflict",
    text="Another process of the server has this thread now; follow it again to take it back.",
)


class Feed:
    """One thread's. Its position and its fold outlive connections."""

    def __init__(self, transport: Transport, path: str) -> None:
        self.follower = Follower()
        self._transport = transport
        self._path = path
        self._news = asyncio.Event()
        self._failure: ClientError | None = None
        self._task: asyncio.Task[None] | None = None
        self._has_told = False

    @property
    def is_following(self) -> bool:
        return self._task is not None

    async def start(self) -> None:
        """Follow; returns when the thread is known as it is now. Raises `ClientError`."""
        if self._task is not None:
            raise RuntimeError("This thread is followed already.")
        self._failure = None
        self._task = asyncio.create_task(self._follow())
        try:
            await self.until(lambda: self.follower.is_begun)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._tell()

    async def until(self, condition: Callable[[], T]) -> T:
        """What `condition` returns, as soon as that is true.

        Raises `NotFollowedError`, and what ended the feed.
        """
        while True:
            if self._task is None:
                raise NotFollowedError("Only of a thread that is followed this is known; use `async with thread:`.")
            news = self._news
            if value := condition():
                return value
            if self._failure is not None:
                raise self._failure
            await news.wait()

    async def changes(self) -> AsyncGenerator[None, None]:
        """Now, and then after each change, until the feed is stopped. Raises what ended it."""
        while self._task is not None:
            news = self._news  # before: what changes while the last one is looked at counts, too
            yield
            if self._failure is not None:
                raise self._failure
            if self._task is not None:
                await news.wait()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _follow(self) -> None:
        try:
            await self._connect_again_and_again()
        except ClientError as error:
            self._failure = error
        except Exception as error:  # whoever waits must not wait for ever, whatever it was
            logger.exception("A feed ended")
            self._failure = UnexpectedAnswerError(f"The stream of events cannot be read: {error!r}.")
        self._tell()

    async def _connect_again_and_again(self) -> None:
        backoff = Backoff(self._transport.patience)
        while True:
            try:
                await self._read(backoff)
                if self.follower.is_begun and self.follower.state.ended == "taken-over":
                    raise ConflictError(_TAKEN_OVER)
                error: ClientError = UnreachableError("The stream of events ended.")
            except GapError:
                error = UnreachableError("Something of the stream of events was lost.")
            except ClientError as failed:
                error = failed
            await backoff.pause(error)

    async def _read(self, backoff: Backoff) -> None:
        """One connection, from the position on."""
        headers = {"Accept": "text/event-stream"}
        if self.follower.log is not None:
            headers["Last-Event-ID"] = f"{self.follower.log}:{self.follower.position}"
        async with self._transport.stream("GET", self._path, headers=headers) as response:
            async for name, data in read_messages(response.aiter_bytes()):
                if name == "goodbye":
                    raise refused(decode(data, Goodbye).error)
                if name in ("batch", "snapshot"):
                    self.follower.take(self._frame(name, data))
                    backoff.reset()
                    self._tell()

    def _frame(self, name: str, data: bytes) -> Batch | Snapshot:
        if name == "snapshot":
            return decode(data, Snapshot)
        try:
            return msgspec.json.decode(data, type=Batch)
        except msgspec.ValidationError:
            return self._known(decode(data, dict[str, Any]))

    def _known(self, frame: dict[str, Any]) -> Batch:
        """A batch without the kinds of event that a later version has added. Raises `UnexpectedAnswerError`."""
        events = [event for event in frame["events"] if event["kind"] in _KINDS]
        if len(events) < len(frame["events"]) and not self._has_told:
            self._has_told = True
            logger.warning("The server is newer than this client, which passes over some of what it says")
        try:
            return msgspec.convert(frame | {"events": events}, Batch)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswerError(f"The server's events are not what they should be: {error}.") from error
