"""A reader that keeps the protocol's laws to the letter, and breaks when the server does not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
from convo.protocol import (
    Batch,
    Hello,
    Notice,
    NoticeCleared,
    NoticePosted,
    PrincipalState,
    Snapshot,
    State,
    Step,
    StepDelta,
    new_id,
)
from convo.state import ThreadState, is_message

from tests.reliability.wire import Cut, RefusedError, Transport, Visitor, WebSocket

__all__ = ["BrokenLawError", "Tab"]

PATIENCE = 60.0
RECEIVED_EVERY = 8  # batches, or the time below, as the web app does it
RECEIVED_SECONDS = 1.0
_COLLECTIONS = ("runs", "elements", "actions", "asks", "calls", "deliveries")

_batch = msgspec.json.Decoder(Batch)
_snapshot = msgspec.json.Decoder(Snapshot)
_hello = msgspec.json.Decoder(Hello)


class BrokenLawError(AssertionError):
    """The server sent what this reader must not get where it stands."""


class Tab:
    """One reader of one thread. Its fold and its position outlive its connections. With `turns`, it reads by pages."""

    def __init__(
        self,
        visitor: Visitor,
        kind: type[Transport] = WebSocket,
        *,
        thread: str | None = None,
        turns: int | None = None,
        receive_buffer: int | None = None,
    ) -> None:
        self.visitor = visitor
        self.turns = turns
        self.pages = 0
        self.thread = thread
        self.log: str | None = None
        self.position = 0
        self.notices: list[Notice] = []
        self.standing: set[str] = set()  # ids of notices that were not cleared
        self.snapshots: list[Snapshot] = []
        self.batches = 0
        self.dropped = 0  # batches that were here already
        self.heard = 0  # characters that came as deltas
        self._kind = kind
        self._receive_buffer = receive_buffer
        self._state: ThreadState | None = None
        self._transport: Transport | None = None
        self._reading: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._waiting: dict[asyncio.Future[None], Callable[[], bool]] = {}
        self._marks = [(0, 0)]
        self._unsaid = 0
        self._timer: asyncio.TimerHandle | None = None

    # --- What its user sees ---

    @property
    def is_connected(self) -> bool:
        return self._transport is not None

    @property
    def state(self) -> ThreadState:
        assert self._state is not None
        return self._state

    @property
    def view(self) -> State:
        return self.state.view()

    @property
    def place(self) -> int | None:
        """Where its window begins; 0 when it has everything."""
        if self._state is None:
            return None
        return 0 if self._state.window is None else self._state.window.place

    @property
    def oldest(self) -> str:
        """The first message it has."""
        return next((i for i, entry in self.state.steps.items() if is_message(entry.facts)), "")

    @property
    def messages(self) -> list[Step]:
        """The shown branch, the oldest first."""
        return list(self.state.walk(self.state.leaf))[::-1]

    @property
    def answers(self) -> list[str]:
        return [step.output for step in self.messages if step.type == "assistant_message"]

    @property
    def questions(self) -> list[str]:
        return [step.output for step in self.messages if step.type == "user_message"]

    @property
    def runs(self) -> list[str]:
        """What became of each message, the oldest first."""
        return [run.status for run in self.state.runs.values() if run.callback == "on_message"]

    @property
    def is_answered(self) -> bool:
        runs = self.runs
        return bool(runs) and all(run not in ("queued", "running") for run in runs)

    @property
    def surely_saved(self) -> int:
        """How many of the characters heard were reported saved, at least."""
        return max(heard for position, heard in self._marks if position <= self.state.saved.seq)

    # --- What it does ---

    async def connect(self) -> Tab:
        """Connect where it stands, and wait for the first word about the thread."""
        await self.dial()
        await self.until(lambda: self._state is not None)
        return self

    async def dial(self) -> None:
        """Connect and wait for nothing."""
        self._error = None
        transport = self._kind(self.visitor, receive_buffer=self._receive_buffer)
        await transport.open(
            {
                "protocol": 1,
                "client": "test",
                "thread": self.thread,
                "log": self.log,
                "after": self.position,
                "turns": self.turns,
                "place": self.place,
            }
        )
        self._transport = transport
        self._reading = asyncio.create_task(self._read(transport))

    async def come_back(self) -> None:
        """Connect again as a client does by itself: until a new server lets it in, whose log is another."""
        before = self.log
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError, RefusedError):
                    await self.dial()
                    await self.until(lambda: self.log != before)
                    return
                await self.hang_up()
                await asyncio.sleep(0.05)

    async def hang_up(self, how: Cut = "close") -> None:
        """A cut, not a goodbye: nobody tells the server."""
        if self._transport is not None:
            self._transport.cut(how)
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
        self._transport = self._reading = None
        self._stop_timer()
        if isinstance(self._error, BrokenLawError):
            raise self._error

    def lose_connection(self) -> None:
        """The network resets it: whoever waits for something here is told."""
        if self._transport is not None:
            self._transport.cut("reset")

    def command(self, kind: str, **fields: Any) -> asyncio.Future[dict[str, Any]]:
        assert self._transport is not None
        return self._transport.command({"kind": kind, **fields})

    def say(self, content: str, command_id: str) -> asyncio.Future[dict[str, Any]]:
        return self.command("message", id=command_id, content=content)

    async def told(self, answer: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        """Wait for the answer to a command. Raises what ended the connection before it."""
        assert self._reading is not None
        async with asyncio.timeout(PATIENCE):
            waiting: set[asyncio.Future[Any]] = {answer, self._reading}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        raise self._error or ConnectionError("The connection was cut before the answer")

    async def page(self, turns: int) -> None:
        """Load older turns, however often it takes to ask."""
        place = self.place
        assert place is not None
        answer = await self.told(self.command("page", before=self.oldest, turns=turns, id=new_id()))
        assert answer.get("ok"), answer
        await self.until(lambda: (self.place or 0) <= answer["data"]["place"])
        assert (self.place or 0) < place or place == 0

    async def ask(self, content: str, command_id: str) -> None:
        """Say something and wait until everything is answered."""
        answer = await self.told(self.say(content, command_id))
        assert answer.get("ok"), answer
        await self.until(lambda: self.position >= answer["seq"] and self.is_answered)

    async def until(self, condition: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait until the condition holds. Raises what ended the connection before it did."""
        if condition():
            return
        if self._error is not None:
            raise self._error
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[future] = condition
        try:
            async with asyncio.timeout(patience):
                await future
        finally:
            del self._waiting[future]

    async def ended(self) -> BaseException | None:
        """Wait until the server has ended the connection."""
        assert self._reading is not None
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({self._reading})
        if isinstance(self._error, BrokenLawError):
            raise self._error
        return self._error

    async def agree(self) -> None:
        """What it folded over all cuts must be what somebody sees who comes now, to the last field."""
        while True:
            _, _, body = await self.visitor.http("GET", f"/api/v1/threads/{self.thread}")
            snapshot = _snapshot.decode(body)
            await self.until(lambda to=snapshot.to: self.position >= to)  # type: ignore[misc]
            if self.position == snapshot.to:
                self._compare(msgspec.convert(snapshot.state, State))
                return

    def _compare(self, whole: State) -> None:
        if self.turns is None:
            assert self.view == whole
            return
        mine = self.view
        assert mine.steps == whole.steps[len(whole.steps) - len(mine.steps) :]
        assert len(mine.steps) == len(whole.steps) or self.place
        for name in _COLLECTIONS:
            entries = {entry.id: entry for entry in getattr(whole, name)}
            assert all(entries[entry.id] == entry for entry in getattr(mine, name))
            assert self.place or len(entries) == len(getattr(mine, name))
        rest: dict[str, Any] = {name: [] for name in (*_COLLECTIONS, "steps")}
        assert msgspec.structs.replace(mine, **rest) == msgspec.structs.replace(whole, **rest)

    async def leave(self) -> None:
        await self.hang_up()
        await self.visitor.leave()

    # --- Reading ---

    async def _read(self, transport: Transport) -> None:
        try:
            async for name, data in transport.frames():
                self._take(name, data)
                for future, condition in self._waiting.items():
                    if not future.done() and condition():
                        future.set_result(None)
        except Exception as error:  # whoever waits for something gets it
            self._error = error
            for future in self._waiting:
                if not future.done():
                    future.set_exception(error)

    def _take(self, name: str, data: bytes) -> None:
        if name == "hello":
            self.thread = _hello.decode(data).thread
            return
        frame = _batch.decode(data) if name == "batch" else _snapshot.decode(data)
        if frame.scope == "principal":
            self._notice(frame)
            self._receive(frame, at_once=True)
            return
        if isinstance(frame, Batch):
            self._fold(frame)
        else:
            self._replace(frame)
        self._receive(frame)

    def _fold(self, batch: Batch) -> None:
        where = f"at {self.position} of {self.log}, got {batch.start} to {batch.to} of {batch.log}"
        if self._state is None or batch.log != self.log:
            raise BrokenLawError(f"A batch of another log: {where}")
        if batch.to < batch.start:
            raise BrokenLawError(f"A batch of nothing: {where}")
        if batch.to <= self.position:
            self.dropped += 1
            return
        if batch.start != self.position + 1:
            raise BrokenLawError(f"A batch from elsewhere: {where}")
        self.batches += 1
        self.position = batch.to
        for event in batch.events:
            self._state.apply(batch.to, event)
            if isinstance(event, StepDelta):
                self.heard += len(event.text)
        self._marks.append((self.position, self.heard))

    def _replace(self, snapshot: Snapshot) -> None:
        where = f"at {self.position} of {self.log}, got {snapshot.since} to {snapshot.to} of {snapshot.log}"
        view = msgspec.convert(snapshot.state, State)
        if snapshot.log == self.log and snapshot.to < self.position:
            raise BrokenLawError(f"A snapshot of the past: {where}")
        if snapshot.since is None:
            if snapshot.window is not None and self.turns is None:
                raise BrokenLawError(f"A part of a thread that was asked for whole: {where}")
            self._state = ThreadState.from_view(view, snapshot.window)
        elif self._state is None or snapshot.log != self.log or snapshot.since != self.position:
            raise BrokenLawError(f"A partial snapshot from elsewhere: {where}")
        else:
            if snapshot.window is not None and snapshot.window.place >= (self.place or 0):
                raise BrokenLawError(f"A page that is here already: {where}")
            self._state.merge(view, snapshot.removed, snapshot.window)
            self.pages += snapshot.window is not None
        self.log, self.position = snapshot.log, snapshot.to
        self.snapshots.append(snapshot)

    def _notice(self, frame: Batch | Snapshot) -> None:
        if isinstance(frame, Snapshot):
            self.notices = msgspec.convert(frame.state, PrincipalState).notices
            self.standing = {notice.id for notice in self.notices}
            return
        for event in frame.events:
            if isinstance(event, NoticePosted):
                self.notices.append(event.notice)
                self.standing.add(event.notice.id)
            elif isinstance(event, NoticeCleared):
                self.standing.discard(event.id)

    # --- Received ---

    def _receive(self, frame: Batch | Snapshot, *, at_once: bool = False) -> None:
        assert self._transport is not None
        if at_once:
            self._transport.received(frame.log, frame.to)
            return
        self._unsaid += 1
        if self._unsaid >= RECEIVED_EVERY:
            self._say_received()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(RECEIVED_SECONDS, self._say_received)

    def _say_received(self) -> None:
        self._stop_timer()
        if self._transport is not None and self.log is not None:
            self._transport.received(self.log, self.position)

    def _stop_timer(self) -> None:
        self._unsaid = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
