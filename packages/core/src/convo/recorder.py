"""The Recorder: one more reader of a log, which stores what changed in the data layer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable

from msgspec import UNSET
from msgspec.structs import replace

from convo.datalayer import Changes, DataLayer
from convo.errors import ConflictError, DataLayerError
from convo.log import Subscription, ThreadLog
from convo.protocol import (
    AskClosed,
    AskOpened,
    Batch,
    ElementPut,
    ElementRemoved,
    Event,
    RunQueued,
    SaveFailed,
    SaveProgressed,
    StepDelta,
    StepFields,
    StepOpened,
    StepPatched,
    StepRemoved,
    timestamp,
)

__all__ = ["Recorder"]

logger = logging.getLogger("convo.recorder")

GATHER_SECONDS = 0.05  # how long news gathers before it is stored
STREAMING_SECONDS = 1.0  # how often a text that only grows is stored
SETTLE_SECONDS = 5.0
LOOK_SECONDS = 0.5  # how soon it is seen that more than a text has changed
RETRY_SECONDS = (0.1, 0.5, 2.0, 5.0, 15.0, 30.0)  # at most: else all threads would come at once to a store that is back
_OWN = (SaveProgressed, SaveFailed)
_SAYING = (StepOpened, StepDelta, StepRemoved, ElementPut, ElementRemoved, AskOpened)


class Recorder:
    """Stores a thread's changes in order: gathered, in one transaction at a time, tried again until it works.

    A callback never waits for it. What is unsaved is known from the fold (`saved.seq`), not from a queue, so a store
    that is away for long costs no memory and is caught up with in one go.
    """

    def __init__(
        self,
        log: ThreadLog,
        data_layer: DataLayer,
        *,
        owner_id: str,
        process_id: str,
        changed_at: str | None = None,
        epoch: int | None = None,
        on_saved: Callable[[], None] | None = None,
        on_lost: Callable[[], object] | None = None,
    ) -> None:
        """`epoch` is that of a claim made before; without one, the first save claims the thread."""
        self._log = log
        self._data_layer = data_layer
        self.owner_id = owner_id
        self._process_id = process_id
        self._on_saved = on_saved
        self._on_lost = on_lost
        self._epoch = epoch
        self._saved = 0
        self._saved_bytes = 0
        self._dirty = 0  # the last seq that is worth storing
        self._said = 0  # the last seq by which something was said or done in the thread
        self.changed_at = changed_at
        """When that was, as far as it is stored and known: where the thread stands in lists."""
        self._is_lost = False
        self._storing = asyncio.Lock()
        self._hurry = asyncio.Event()
        self._subscription: Subscription = log.subscribe(log=log.id, after=max(log.seq, 1))
        self._task: asyncio.Task[None] | None = None

    @property
    def is_saved(self) -> bool:
        """Nothing is left to store (or nothing can be: another process took the thread over)."""
        if self._is_lost or self._task is None:
            return True
        return not self._subscription.has_news and self._saved >= self._dirty

    @property
    def has_begun(self) -> bool:
        """Whether there is anything to store: a chat that only began is nobody's history."""
        return self._task is not None

    @property
    def was_saved(self) -> bool:
        """Whether anything was stored yet."""
        return self._saved > 0

    @property
    def unsaved_bytes(self) -> int:
        """About how much text waits to be stored."""
        return self._log.written - self._saved_bytes

    def start(self) -> None:
        """Begin to store, with all that happened so far."""
        if self._task is None:
            self._dirty = self._log.seq
            self._task = asyncio.get_running_loop().create_task(self._record(), name="convo-recorder")

    async def settle(self) -> None:
        """Wait until what is being stored at this moment, under the owner there was, is stored; but not for long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS), self._storing:
                pass

    async def finish(self, timeout: float) -> None:
        """Store what is left, for at most `timeout` seconds, and stop."""
        task = self._task
        if task is None:
            self._subscription.close()
            return
        self._hurry.set()
        if not self.is_saved:
            await asyncio.wait({task}, timeout=timeout)
        if not self.is_saved:
            logger.error("The thread `%s` is not saved: %s", self._log.state.thread.id, self._log.state.saved.reason)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self._subscription.close()

    async def _record(self) -> None:
        while True:
            only_grows = self._take_news()
            if self._saved >= self._dirty:
                if self._hurry.is_set() or self._log.is_closed:
                    return
                await self._subscription.wait()
                continue
            await self._gather(STREAMING_SECONDS if only_grows and self._saved else GATHER_SECONDS)
            if not await self._store():
                return

    def _take_news(self) -> bool:
        """Note how far the log has come; whether all that is new is text that grows."""
        only_grows = True
        while (frame := self._subscription.read()) is not None:
            if not isinstance(frame, Batch):
                self._dirty = self._said = frame.to
                only_grows = False
                continue
            worth = [event for event in frame.events if not isinstance(event, _OWN)]
            if worth:
                self._dirty = frame.to
                if any(_is_said(event) for event in worth):
                    self._said = frame.to
                only_grows = only_grows and all(isinstance(event, StepDelta) for event in worth)
        return only_grows

    async def _gather(self, seconds: float) -> None:
        """Let news gather; news other than growing text shortens a long wait."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self._hurry.is_set() and (left := end - loop.time()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK_SECONDS)):  # `wait_for` would make a task each time
                    await self._hurry.wait()
            if not self._take_news():
                end = min(end, loop.time() + GATHER_SECONDS)
                seconds = GATHER_SECONDS

    async def _store(self) -> bool:
        """Store what changed since the last time; `False` when the thread is another process's now."""
        for attempt in range(1 << 30):
            self._take_news()
            try:
                await self._apply()
                return True
            except ConflictError as error:
                self._lose(str(error))
                return False
            except DataLayerError as error:
                self._fail(str(error))
            except Exception as error:  # a data layer is foreign code: whatever it raises, nothing may be lost
                logger.exception("The data layer raised an error that is not a `DataLayerError`")
                self._fail(f"{type(error).__name__}: {error}")
            await self._wait_to_retry(attempt)
        return False

    async def _wait_to_retry(self, attempt: int) -> None:
        """Wait longer after each failure; hardly at all when the session ends."""
        if self._hurry.is_set():
            await asyncio.sleep(RETRY_SECONDS[0])
            return
        with contextlib.suppress(TimeoutError):
            longest = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
            await asyncio.wait_for(self._hurry.wait(), longest * random.uniform(0.5, 1))  # noqa: S311 - no secret

    async def _apply(self) -> None:
        log = self._log
        if self._epoch is None:
            self._epoch = await self._data_layer.claim_thread(log.state.thread.id, self._process_id)
        async with self._storing:
            self._take_news()
            written = log.written
            seq, view, removed = log.changes_since(self._saved)
            now, moves = timestamp(), self._said > self._saved
            changes = Changes(
                thread_id=log.state.thread.id,
                owner_id=self.owner_id,
                epoch=self._epoch,
                seq=seq,
                state=view,
                removed=removed,
                moves=moves,
            )
            await self._data_layer.apply(changes)
        self.changed_at = now if moves or self.changed_at is None else self.changed_at
        self._saved, self._saved_bytes = seq, written
        log.append(SaveProgressed(seq=seq))
        if self._on_saved is not None:
            self._on_saved()

    def _lose(self, reason: str) -> None:
        """Nothing of this log can be stored any more."""
        self._is_lost = True
        logger.warning("The thread `%s` goes on without this process: %s", self._log.state.thread.id, reason)
        self._log.append(SaveFailed(since=self._log.state.saved.since or timestamp(), reason=reason))
        if self._on_lost is not None:
            self._on_lost()

    def _fail(self, reason: str) -> None:
        saved = self._log.state.saved
        if saved.reason != reason:
            logger.error("The thread `%s` cannot be saved: %s", self._log.state.thread.id, reason)
            self._log.append(SaveFailed(since=saved.since or timestamp(), reason=reason))


def _is_said(event: Event) -> bool:
    """Whether something was said or done by it: neither a name or a pin, nor a rating, nor that somebody looks."""
    if isinstance(event, StepPatched):
        return replace(event.set, feedback=UNSET, favourite=UNSET) != StepFields()
    if isinstance(event, RunQueued):
        return event.text is not None
    if isinstance(event, AskClosed):
        return event.outcome == "answered"
    return isinstance(event, _SAYING)
