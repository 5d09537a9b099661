"""The event log: events in order, and readers that each keep a cursor into it."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from convo.errors import RunEnded
from convo.projection import Projection
from convo.protocol import (
    PASSING,
    AudioChunk,
    Batch,
    Event,
    RunInfo,
    Snapshot,
    State,
    StepClosed,
    StepDelta,
    StepOpened,
    StepPatched,
    Window,
    WindowMessage,
    WireStruct,
    encode,
    encode_event,
    new_id,
)
from convo.state import Fold, Key, ThreadState, is_message

__all__ = ["EventLog", "Frame", "Subscription", "ThreadLog", "merge_deltas"]

Frame = Batch | Snapshot
FoldT = TypeVar("FoldT", bound=Fold[WireStruct])

PASSING_SECONDS = 10.0
PASSING_BYTES = 8 << 20  # minutes of sound
_EVENT_BYTES = 200  # what an event without text is taken to weigh
_ENDED_BADLY = frozenset({"stopped", "failed", "interrupted"})


class EventLog(Generic[FoldT]):
    """Numbers events from 1 in the act of making them visible, and folds them into `state`.

    Keeps a tail of at most `tail_events` events and `tail_bytes` bytes of text; a reader that fell behind it gets a
    snapshot. `append` may be called from any thread; readers are woken on the event loop the log was made on.
    """

    def __init__(
        self, state: FoldT, *, tail_events: int = 8192, tail_bytes: int = 1 << 20, scope: str = "thread"
    ) -> None:
        self.id = new_id()
        self.seq = 0
        self.state = state
        self._runs: Mapping[str, RunInfo] = getattr(state, "runs", {})
        self._removals: dict[int, int] = getattr(state, "removals", {})
        self.scope: Any = scope
        self._tail: list[Event | None] = []
        self._sizes: list[int] = []  # of the events in the tail; 0 of those that pass
        self._base = 0  # the tail holds the events numbered base + 1 … seq
        self.written = 0  # bytes of text ever appended, about
        self._dropped = 0  # as many of them are no longer in the tail
        self._tail_events = tail_events
        self._tail_bytes = tail_bytes
        self._passing: list[tuple[int, float, int]] = []  # few: a deque would cost more than all else of an idle log
        self._passing_bytes = 0
        self._expiry: asyncio.TimerHandle | None = None
        self.lock = threading.RLock()
        self._caught_up: list[Subscription] = []
        self._subscriptions: set[Subscription] = set()
        self._closed = False
        self._thread = threading.get_ident()
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def append(self, event: Event, *, writer: str | None = None, is_checked: bool = False) -> int:
        """Make `event` visible and return its number.

        `writer` is the id of the run that writes. Raises `RunEnded` when that run was stopped, failed or interrupted;
        `TypeError` or `ValueError` when JSON cannot carry the event, because no reader could ever get past it. With
        `is_checked`, its maker vouches that JSON can; not for events that pass.
        """
        encoded = b""
        if type(event) is StepDelta:  # they are many: what follows makes no call for them that it can do without
            size = len(event.text)
            if not event.text.isascii():
                event.text.encode()
        else:
            if not is_checked:
                encoded = encode_event(event)
            size = _size(event)
        with self.lock:
            run = None if writer is None else self._runs.get(writer)
            if run is not None and run.status in _ENDED_BADLY:
                raise RunEnded(run.id, run.status)
            seq = self.seq = self.seq + 1
            self._tail.append(self.state.apply(seq, event))
            if encoded and isinstance(event, PASSING):
                self._pass(seq, len(encoded))
                self._sizes.append(0)
            else:
                self._sizes.append(size)
                self.written += size
            if seq - self._base > self._tail_events or self.written - self._dropped > self._tail_bytes:
                self._trim()
            woken = self._caught_up
            if woken:
                self._caught_up = []
        if woken:
            self._wake(woken)
        return seq

    def subscribe(
        self,
        *,
        log: str | None = None,
        after: int = 0,
        turns: int | None = None,
        place: int | None = None,
        projection: Projection | None = None,
        on_news: Callable[[], None] | None = None,
    ) -> Subscription:
        """A reader that stands at `after` of the log `log`; without a position of this log it starts with a snapshot.

        With `turns` it is one that reads by pages: of a long thread, that snapshot holds only so many of the last
        turns. Together with a position, `place` is that of the window it has. `on_news` is called on the loop each time
        there is something to read again after the reader had caught up.
        """
        position = after if log == self.id and after > 0 and (turns is None or place is not None) else None
        if turns is None:
            place = 0
        elif position is None:
            place = None
        subscription = Subscription(self, position, turns, place, projection or Projection(), on_news)
        with self.lock:
            self._subscriptions.add(subscription)
            if position == self.seq:
                subscription._rest()
        return subscription

    def changes_since(self, seq: int) -> tuple[int, Any, list[Key]]:
        """The log's end, and what changed after `seq`: touched entries and removed keys (or simply everything)."""
        with self.lock:
            changed = self.state.since(seq)
            view, removed = changed if changed is not None else (self.state.view(), [])
            return self.seq, view, removed

    def close(self) -> None:
        """No more events: readers finish what is left and stop."""
        with self.lock:
            self._closed = True
            self._caught_up = []
            if self._expiry is not None and threading.get_ident() == self._thread:
                self._expiry.cancel()
                self._expiry = None
            readers = list(self._subscriptions)
        self._wake(readers)

    @property
    def is_closed(self) -> bool:
        return self._closed

    @property
    def readers(self) -> int:
        return len(self._subscriptions)

    def _trim(self) -> None:
        """Keep the newer half, so that trimming costs little however long the log grows."""
        keep = kept = 0
        for size in reversed(self._sizes):
            if kept + size > self._tail_bytes // 2 or keep >= self._tail_events // 2:
                break
            kept += size
            keep += 1
        drop = len(self._tail) - keep
        del self._tail[:drop], self._sizes[:drop]
        self._base += drop
        self._dropped = self.written - kept
        while self._passing and self._passing[0][0] <= self._base:
            self._forget_passing()
        for seq in [seq for seq in self._removals if seq <= self._base]:
            del self._removals[seq]

    def _pass(self, seq: int, size: int) -> None:
        """Keep a passing event for a while. Its weight is not the tail's: sound must not drive text out of it."""
        self._passing.append((seq, time.monotonic(), size))
        self._passing_bytes += size
        self._expire_passing()
        while self._passing_bytes > PASSING_BYTES and len(self._passing) > 1:
            self._forget_passing()
        if self._expiry is None and self._loop is not None and not self._loop.is_closed():
            if threading.get_ident() == self._thread:
                self._plan_expiry()
            else:
                self._loop.call_soon_threadsafe(self._plan_expiry)

    def _plan_expiry(self) -> None:
        """Let go of what passes though nobody reads or writes any more."""
        with self.lock:
            self._expire_passing()
            if self._expiry is not None:
                self._expiry.cancel()
                self._expiry = None
            if self._passing and self._loop is not None and not self._closed:
                wait = max(0.0, self._passing[0][1] + PASSING_SECONDS - time.monotonic())
                self._expiry = self._loop.call_later(wait + 0.01, self._plan_expiry)

    def _expire_passing(self) -> None:
        limit = time.monotonic() - PASSING_SECONDS
        while self._passing and self._passing[0][1] < limit:
            self._forget_passing()

    def _forget_passing(self) -> None:
        """The oldest of them leaves the tail."""
        seq, _, size = self._passing.pop(0)
        self._passing_bytes -= size
        if seq > self._base:
            self._tail[seq - self._base - 1] = None

    def _wake(self, subscriptions: list[Subscription]) -> None:
        if self._loop is None or threading.get_ident() == self._thread:
            for subscription in subscriptions:
                subscription._notify()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, subscriptions)


ThreadLog = EventLog[ThreadState]


class Subscription:
    """A cursor into a log: costs the same however far it is behind.

    A reader by pages has all steps from the `place` of its window on; that is `None` before its first snapshot, and 0
    when it has everything. `read` gives the next frame at once or `None`; `async for frame in subscription` waits for
    news and ends when the log is closed and read. Not for use by two tasks at a time.
    """

    def __init__(
        self,
        log: EventLog[Any],
        position: int | None,
        turns: int | None,
        place: int | None,
        projection: Projection,
        on_news: Callable[[], None] | None,
    ) -> None:
        self.position = position
        self.turns = turns
        self.place = place
        self._wanted: int | None = None  # the place where the older page begins that was asked for
        self._page: Snapshot | None = None  # it comes next
        self._log = log
        self._projection = projection
        self._on_news = on_news
        self._news: asyncio.Event | None = None  # made by the first `wait`: most readers have `on_news`

    @property
    def log_id(self) -> str:
        return self._log.id

    @property
    def has_news(self) -> bool:
        return self.position != self._log.seq or self._wanted is not None or self._page is not None

    @property
    def is_finished(self) -> bool:
        """The log is closed and everything was read."""
        return self._log.is_closed and not self.has_news

    def read(self, max_bytes: int = 1 << 17) -> Frame | None:
        """The next batch (of about `max_bytes` at most) or snapshot; `None` when there is no news."""
        log = self._log
        with log.lock:
            position = self.position
            if self._page is not None:
                page, self._page = self._page, None
                return page
            if position == log.seq:
                if self._wanted is not None:
                    return self._turn_page(self._wanted)
                self._rest()
                return None
            if position is None or not log._base <= position <= log.seq or self._must_restart(position):
                frame: Frame = self._snapshot(position)
                self.position = log.seq
                self._rest()
                return frame
            if log._passing:
                log._expire_passing()
            tail = log._tail[position - log._base :]
            if self._projection.hides_steps:  # looks at the state, which must not change meanwhile
                tail = self._unveiled(position, tail)
            if self._wanted is not None:  # the page stands where this batch ends: nothing may happen in between
                max_bytes = sys.maxsize
                self._page = self._turn_page(self._wanted)
        events, taken = merge_deltas(tail, max_bytes)
        self.position = to = position + taken
        with log.lock:
            if to == log.seq:
                self._rest()
        shown = [seen for event in events if (seen := self._projection.event(event, log.state)) is not None]
        return Batch(log=log.id, start=position + 1, to=to, events=shown, scope=log.scope)

    def _must_restart(self, position: int) -> bool:
        """Whether something happened to steps that the reader does not have: he cannot know what it did to others."""
        place = self.place or 0
        removals = self._log._removals.items() if place else ()
        return any(seq > position and at < place for seq, at in removals) or self._restart(position) is not None

    def _restart(self, position: int) -> str | None:
        return self._projection.must_restart(position, self._log.state)

    def _unveiled(self, position: int, tail: list[Event | None]) -> list[Event | None]:
        projection, state = self._projection, self._log.state
        return [
            None if event is None else projection.unveil(seq, event, state)
            for seq, event in enumerate(tail, position + 1)
        ]

    def page(self, before: str, turns: int, to: str | None = None) -> tuple[int, int]:
        """Ask for older turns, as the command `page` does.

        They come as a frame among the others, so that nothing is missed or doubled. Returns where the log is, and the
        place at which the window will begin. Raises `LookupError` when there is no step `to`, or no window yet.
        """
        log = self._log
        with log.lock:
            if self.place is None or (to is not None and to not in log.state.steps):
                raise LookupError(to)
            oldest = log.state.steps.get(before)
            start = log.state.page_start(turns, self.place if oldest is None else oldest.place, to)
            asked = self.place if self._wanted is None else self._wanted
            if start < asked:
                asked = self._wanted = start
            seq = log.seq
        self._notify()
        return seq, asked

    async def wait(self) -> None:
        """Return when there is something to read, or the log was closed."""
        while not self.has_news and not self._log.is_closed:
            if self._news is None:
                self._news = asyncio.Event()
            with self._log.lock:
                self._rest()
            if not self.has_news:
                await self._news.wait()

    async def __aiter__(self) -> AsyncIterator[Frame]:
        try:
            while True:
                await self.wait()
                frame = self.read()
                if frame is not None:
                    yield frame
                elif self._log.is_closed:
                    return
        finally:
            self.close()

    def close(self) -> None:
        """The reader is gone; the log forgets it."""
        with self._log.lock:
            self._log._subscriptions.discard(self)
            if self in self._log._caught_up:
                self._log._caught_up.remove(self)

    def _rest(self) -> None:
        """Caught up: ask to be woken by the next event. Holds the log's lock."""
        if self._log._closed:
            return
        if self._news is not None:
            self._news.clear()
        if self not in self._log._caught_up:
            self._log._caught_up.append(self)

    def _notify(self) -> None:
        if self._news is not None:
            self._news.set()
        if self._on_news is not None:
            self._on_news()

    def _snapshot(self, position: int | None) -> Snapshot:
        log = self._log
        if self.place is None and self.turns is not None:
            self.place = log.state.page_start(self.turns)
        place = self.place or 0
        partial = None
        if position is not None and position <= log.seq and self._restart(position) != "whole":
            partial = log.state.since(position, place)
        view, removed = partial or (log.state.page(place) if place else log.state.view(), [])
        return Snapshot(
            log=log.id,
            to=log.seq,
            state=self._projection.state(view, log.state),
            since=None if partial is None else position,
            removed=removed,
            window=_window(view, place) if place and partial is None else None,
            scope=log.scope,
        )

    def _turn_page(self, start: int) -> Snapshot:
        """The page from `start` up to what the reader has. Holds the log's lock."""
        log = self._log
        view = log.state.page(start, self.place)
        self.place, self._wanted = start, None
        return Snapshot(
            log=log.id,
            to=log.seq,
            state=self._projection.state(view, log.state),
            since=log.seq,
            window=_window(view, start),
            scope=log.scope,
        )


def _window(view: State, place: int) -> Window:
    oldest = next((step.id for step in view.steps if is_message(step)), "")
    return Window(before=oldest, more=place > 0, place=place)


def merge_deltas(events: list[Event | None], max_bytes: int) -> tuple[list[Event], int]:
    """Merge deltas of one (step, field), also across other steps' deltas; any other event is a barrier.

    Returns what is left and how many of `events` it stands for; stops after about `max_bytes` of text.
    """
    merged: list[Any] = []
    growing: dict[tuple[str, str], list[StepDelta]] = {}
    size = taken = 0
    for event in events:
        taken += 1
        if event is None:
            continue
        if type(event) is StepDelta:
            key = (event.id, event.field)
            group = growing.get(key)
            if group is None:
                group = growing[key] = [event]
                merged.append(group)
            else:
                group.append(event)
        else:
            growing.clear()
            merged.append(event)
        size += _size(event)
        if size >= max_bytes:
            break
    return [_joined(item) if type(item) is list else item for item in merged], taken


def _size(event: Event) -> int:
    """About how many bytes an event weighs: what matters is its text."""
    if type(event) is StepDelta:
        return len(event.text)
    if type(event) is StepOpened:
        return _EVENT_BYTES + len(event.step.output) + len(event.step.input)
    if type(event) is StepPatched or type(event) is StepClosed:
        return _EVENT_BYTES + len(event.set.output or "") + len(event.set.input or "")
    if type(event) is AudioChunk:
        return _EVENT_BYTES + len(event.data) * 4 // 3  # as JSON carries it
    if type(event) is WindowMessage:
        return len(encode(event))
    return _EVENT_BYTES


def _joined(deltas: list[StepDelta]) -> StepDelta:
    if len(deltas) == 1:
        return deltas[0]
    return msgspec.structs.replace(deltas[0], text="".join([delta.text for delta in deltas]))
