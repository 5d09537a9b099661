"""A client that remembers what it was told was stored, to hold the store to it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
from convo.protocol import Batch, RunInfo, Snapshot, State, Step, StepDelta
from convo.state import ThreadState

from tests.reliability.tab import Tab

__all__ = ["Outbox", "Witness"]

_NESTED = ("id", "type", "name", "parent_id", "run_id", "prior_id", "by", "command_id")


class Witness(Tab):
    """A tab with a second fold, of what is at or below the last `save-progressed`, and a clock for streamed text."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.promised: State | None = None
        self._promise: ThreadState | None = None
        self._unproven: list[Batch | Snapshot] = []
        self._streamed: list[tuple[float, str, int]] = []  # when so many characters of a step were here

    def _fold(self, batch: Batch) -> None:
        before = self.position
        super()._fold(batch)
        if self.position == before:
            return
        now = time.monotonic()
        for event in batch.events:
            if isinstance(event, StepDelta) and (entry := self.state.steps.get(event.id)) is not None:
                self._streamed.append((now, event.id, len(entry.step.output)))
        self._unproven.append(batch)
        self._prove()

    def _replace(self, snapshot: Snapshot) -> None:
        if snapshot.since is None:
            self._unproven.clear()
        super()._replace(snapshot)
        self._unproven.append(snapshot)
        self._prove()

    def _prove(self) -> None:
        """Promised is what this log says is saved; until it says so, what the one before had said."""
        while self._unproven and self._unproven[0].to <= self.state.saved.seq:
            frame = self._unproven.pop(0)
            if isinstance(frame, Batch):
                assert self._promise is not None
                for event in frame.events:
                    self._promise.apply(frame.to, event)
                continue
            view = msgspec.convert(frame.state, State)
            if frame.since is None:
                self._promise = ThreadState.from_view(view)
            else:
                assert self._promise is not None
                self._promise.merge(view, frame.removed)
        if self._promise is not None:
            self.promised = self._promise.view()

    def hold_to(self, stored: State, killed_at: float) -> float:
        """Break unless `stored` is what was promised or what became of it, and whole.

        Returns how many seconds before `killed_at` the text streamed until then is stored, at worst.
        """
        _check_whole(stored)
        if self.promised is not None:
            _check_later(self.promised, stored)
        lengths = {step.id: len(step.output) for step in stored.steps}
        lost = [killed_at - at for at, step_id, length in self._streamed if lengths.get(step_id, 0) < length]
        self._streamed.clear()
        return max(lost, default=0.0)


class Outbox:
    """What a user said at a tab, until its log says that it is stored: as the web app keeps it."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.said: list[str] = []
        self.released: list[str] = []
        self._sent: dict[str, tuple[str | None, int]] = {}  # the log that took it, and its number there

    @property
    def is_empty(self) -> bool:
        return len(self.released) == len(self.said)

    def release(self) -> None:
        """Forget what is stored, which is what was said first."""
        for text in self.said[len(self.released) :]:
            log, seq = self._sent.get(text, (None, 0))
            if log is None or log != self.tab.log or seq > self.tab.state.saved.seq:
                return
            self.released.append(text)

    async def say(self, text: str) -> None:
        self.said.append(text)
        await self.flush()

    async def flush(self) -> None:
        """Send what this log has not taken, one after the other. Raises what ended the connection."""
        self.release()
        for text in self.said[len(self.released) :]:
            while self._sent.get(text, (None, 0))[0] != self.tab.log:
                answer = await self.tab.told(self.tab.say(text, f"id of {text}"))
                if answer.get("ok"):
                    self._sent[text] = (self.tab.log, answer["seq"])
                    continue
                assert "retryAfter" in answer["error"], answer
                await asyncio.sleep(answer["error"]["retryAfter"])


def _check_whole(state: State) -> None:
    """Everything hangs on something that is there, and what came first stands first."""
    runs = {run.id: run for run in state.runs}
    steps: dict[str, Step] = {}
    for step in state.steps:
        assert step.run_id is None or step.run_id in runs, f"A step without its run: {step}"
        assert step.parent_id is None or step.parent_id in steps, f"A step without its parent: {step}"
        assert step.prior_id is None or step.prior_id in steps, f"A message that follows nothing: {step}"
        steps[step.id] = step
    for element in state.elements:
        assert element.for_id is None or element.for_id in steps, f"An element without its message: {element}"
    for run in state.runs:
        began = run.callback == "on_message" and run.status != "queued"
        assert not began or run.trigger in steps, f"A run without its question: {run}"
    assert state.leaf is None or state.leaf in steps


def _check_later(promised: State, stored: State) -> None:
    assert stored.thread.name == promised.thread.name or promised.thread.name is None
    assert [step.id for step in stored.steps[: len(promised.steps)]] == [step.id for step in promised.steps]
    for before, after in zip(promised.steps, stored.steps, strict=False):
        for name in _NESTED:
            assert getattr(after, name) == getattr(before, name), f"{before} became {after}"
        grew = after.input.startswith(before.input) and after.output.startswith(before.output)
        assert grew, f"{before} became {after}"
        assert before.end is None or before == after, f"{before} became {after}"
    runs: dict[str, RunInfo] = {run.id: run for run in stored.runs}
    for run in promised.runs:
        assert run.id in runs, f"{run} is gone"
        assert run.ended_at is None or runs[run.id] == run, f"{run} became {runs[run.id]}"
    elements = {element.id: element for element in stored.elements}
    for element in promised.elements:
        assert elements.get(element.id) == element, f"{element} became {elements.get(element.id)}"
