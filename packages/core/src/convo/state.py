"""The fold: what a log's events add up to.

`ThreadState` is the fold of a thread's log, `PrincipalFold` that of a principal's. The TypeScript client has the same
fold; the golden vectors in `tests/vectors` prove both equal. An event that names an unknown or removed step is dropped,
so that a reader that began with a snapshot and one that read everything agree.

A long thread is read by pages, the last one first. Every step has a place, in the order in which steps are opened, and
a reader has all steps from some place on. With a step comes what hangs on it, and with a run's first step the run; what
is going or waits for an answer comes with the last page wherever it belongs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from convo.protocol import (
    MESSAGE_TYPES,
    Action,
    ActionPut,
    ActionRemoved,
    Ask,
    AskClosed,
    AskOpened,
    Call,
    CallClosed,
    CallOpened,
    Delivery,
    Element,
    ElementPut,
    ElementRemoved,
    Event,
    LeafMoved,
    Notice,
    NoticeCleared,
    NoticePosted,
    PrincipalState,
    Removal,
    RunEnded,
    RunInfo,
    RunQueued,
    RunStarted,
    Saved,
    SaveFailed,
    SaveProgressed,
    SessionEnded,
    State,
    StatePatched,
    Step,
    StepClosed,
    StepDelivered,
    StepDelta,
    StepFields,
    StepOpened,
    StepPatched,
    StepRemoved,
    ThreadInfo,
    ThreadListed,
    ThreadPatched,
    ThreadUnlisted,
    Window,
    WireStruct,
)

__all__ = ["Fold", "PrincipalFold", "StepEntry", "ThreadState", "is_message"]

StateT = TypeVar("StateT", bound=WireStruct, covariant=True)
Key = tuple[str, str]
"""(collection, id): names an entry of a state."""

TURN_BYTES = 6_500
"""What a turn of a page may weigh on average, about: a page of long turns has fewer."""
_STEP_BYTES = 500  # what a step without text is taken to weigh


class Fold(Protocol, Generic[StateT]):
    """What an `EventLog` needs of a state."""

    def apply(self, seq: int, event: Event) -> Event | None:
        """Fold the event numbered `seq`; returns what of it has an effect."""
        ...

    def view(self) -> StateT: ...
    def since(self, seq: int, place: int = 0) -> tuple[StateT, list[Key]] | None:
        """Entries touched after `seq` and keys removed after it; `None` when that is no longer known."""
        ...


class StepEntry:
    """A step with its texts as parts, so that a delta costs the same however long the text is."""

    __slots__ = ("_input", "_output", "_step", "opened_at", "place")

    def __init__(self, step: Step, place: int, opened_at: int = 0) -> None:
        self.place = place  # steps opened later have higher ones
        self.opened_at = opened_at  # the number of its event; 0 if it is older than the log
        self._step = step
        self._output: list[str] | None = None
        self._input: list[str] | None = None

    @property
    def step(self) -> Step:
        """The whole step with its texts joined."""
        if self._output is not None:
            self._step = replace(self._step, output="".join(self._output))
            self._output = None
        if self._input is not None:
            self._step = replace(self._step, input="".join(self._input))
            self._input = None
        return self._step

    @property
    def facts(self) -> Step:
        """The step without joining: everything but `output` and `input` is right."""
        return self._step

    def append(self, field: str, text: str) -> None:
        if field == "output":
            if self._output is None:
                self._output = [self._step.output]
            self._output.append(text)
        else:
            if self._input is None:
                self._input = [self._step.input]
            self._input.append(text)
        if self._step.end is not None:
            self._step = replace(self._step, end=None)

    def replace(self, fields: Mapping[str, Any]) -> None:
        if "output" in fields:
            self._output = None
        if "input" in fields:
            self._input = None
        self._step = replace(self._step, **fields)


def _present(fields: WireStruct) -> dict[str, Any]:
    """The fields of a patch that are set."""
    values = zip(fields.__struct_fields__, msgspec.structs.astuple(fields), strict=True)
    return {name: value for name, value in values if value is not UNSET}


class ThreadState:
    """The fold of a thread's log. With a `window` that says `more`, of its last pages: a reader's."""

    def __init__(self, thread: ThreadInfo, window: Window | None = None) -> None:
        self.thread = thread
        self.window = window
        self.runs: dict[str, RunInfo] = {}
        self.steps: dict[str, StepEntry] = {}
        self.elements: dict[str, Element] = {}
        self.actions: dict[str, Action] = {}
        self.asks: dict[str, Ask] = {}
        self.calls: dict[str, Call] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.leaf: str | None = None
        self.fields: dict[str, Any] = {}  # what `state-patched` sets
        self.ended: str | None = None
        self.saved = Saved()
        self.removals: dict[int, int] = {}  # places of removed steps, by the number of the event
        self._places = 0
        self._steps_of: dict[str, dict[str, int]] = {}  # places by run; also of steps that were removed since
        self._touched: dict[Key, int] = {}  # in the order of the last touch
        self._last_touched: Key | None = None
        self._tombstones: dict[Key, int] = {}
        self._forgotten = 0  # the highest seq of a tombstone that is gone
        self.reshaped_at = 0  # when a step, or what hangs on one, last changed its kind or place
        self.removed_at = 0  # when a step was last removed
        self.veiled_at = 0  # when a step last began or ceased to show its input
        self.rebranched_at = 0  # when another branch was last shown, and not this one grew

    @classmethod
    def from_view(cls, view: State, window: Window | None = None) -> ThreadState:
        """The state a stored or received view describes; nothing of it counts as touched."""
        state = cls(view.thread, window)
        state.merge(view)
        return state

    def merge(self, view: State, removed: list[Key] | None = None, window: Window | None = None) -> None:
        """Drop what was removed, then take over what the view holds: an entry in both was removed and put again.

        With a `window` the view is an older page: what it holds stands before everything else.
        """
        for collection, entry_id in removed or ():
            self._collection(collection).pop(entry_id, None)
        later = {} if window is None else {name: dict(self._collection(name)) for name in _COLLECTIONS}
        for name in later:
            self._collection(name).clear()
        self.window = window or self.window
        self.thread = view.thread
        self.runs.update((run.id, run) for run in view.runs)
        for step in view.steps:
            self._put_step(step)
        self.elements.update((element.id, element) for element in view.elements)
        self.actions.update((action.id, action) for action in view.actions)
        self.asks.update((ask.id, ask) for ask in view.asks)
        self.calls.update((call.id, call) for call in view.calls)
        self.deliveries.update((delivery.id, delivery) for delivery in view.deliveries)
        self.leaf = view.leaf
        self.fields = {name: value for name in _FIELDS if (value := getattr(view, name)) is not None}
        self.ended = view.ended
        self.saved = view.saved
        for name, entries in later.items():
            self._collection(name).update((i, entry) for i, entry in entries.items() if i not in self._collection(name))

    # --- Reading ---

    def view(self) -> State:
        """The whole fold."""
        return self._view(
            self.runs.keys(),
            self.steps.keys(),
            self.elements.keys(),
            self.actions.keys(),
            self.asks.keys(),
            self.calls.keys(),
            self.deliveries.keys(),
        )

    def since(self, seq: int, place: int = 0) -> tuple[State, list[Key]] | None:
        """Only the entries touched after `seq`, with every plain field; and the keys removed after it.

        Of the steps, those from `place` on; what hangs on others may come along.
        """
        if seq < self._forgotten:
            return None
        touched: dict[str, list[str]] = {name: [] for name in _COLLECTIONS}
        for (collection, entry_id), at in reversed(self._touched.items()):
            if at <= seq:
                break
            of_a_step = collection in ("steps", "deliveries")  # by their own ids
            if not (place and of_a_step) or self.steps[entry_id].place >= place:
                touched[collection].append(entry_id)
        ordered = [self._in_order(name, set(touched[name])) for name in _COLLECTIONS]
        removed = [key for key, at in self._tombstones.items() if at > seq]
        return self._view(*ordered), removed

    def _in_order(self, collection: str, wanted: set[str]) -> list[str]:
        """Ids in the order of their entries. Looked for from the end, where what changed last mostly is."""
        found: list[str] = []
        for entry_id in reversed(self._collection(collection)) if wanted else ():
            if entry_id in wanted:
                found.append(entry_id)
                if len(found) == len(wanted):
                    break
        return found[::-1]

    def _view(
        self, runs: Any, steps: Any, elements: Any, actions: Any, asks: Any, calls: Any, deliveries: Any
    ) -> State:
        return State(
            thread=self.thread,
            runs=[self.runs[i] for i in runs],
            steps=[self.steps[i].step for i in steps],
            leaf=self.leaf,
            elements=[self.elements[i] for i in elements],
            actions=[self.actions[i] for i in actions],
            asks=[self.asks[i] for i in asks],
            calls=[self.calls[i] for i in calls],
            deliveries=[self.deliveries[i] for i in deliveries],
            ended=self.ended,
            saved=self.saved,
            **self.fields,
        )

    # --- Pages ---

    def page_start(self, turns: int, below: int | None = None, to: str | None = None) -> int:
        """The place at which a page of `turns` turns of the shown branch begins; 0 when nothing older is left.

        It ends before the place `below`, and holds the step `to`. It has fewer turns when they are long, one at least.
        Whatever follows the same message as the first of them is on it too: all branches of what is loaded are.
        """
        shown, limit = self.leaf, turns * TURN_BYTES
        least = None if to is None else self.steps[to].place
        size = of_turn = 0
        for step_id, entry in reversed(self.steps.items()):
            is_shown = step_id == shown
            if is_shown:
                shown = entry.facts.prior_id
            if below is not None and entry.place >= below:
                continue
            of_turn += _STEP_BYTES + len(entry.step.output) + len(entry.step.input)
            is_user = entry.facts.type == "user_message"
            if not is_shown or shown is None or not (is_user or of_turn >= 2 * limit):
                continue  # a turn may be endless, where nobody but the app says anything
            turns, size, of_turn = turns - is_user, size + of_turn, 0
            start = self.steps[shown].place + 1
            if (turns <= 0 or size >= limit) and (least is None or start <= least):
                return start if start > next(iter(self.steps.values())).place else 0
        return 0

    def page(self, start: int, below: int | None = None) -> State:
        """The steps from the place `start` on, up to `below`, with all that belongs to them.

        Without `below` it is the last page: with what is going or waits for an answer, and what belongs to no step.
        """
        is_last = below is None
        ids: dict[str, None] = {}
        for step_id, entry in reversed(self.steps.items()):
            if entry.place < start:
                break
            if below is None or entry.place < below:
                ids[step_id] = None

        def is_here(owner: str | None) -> bool:
            return owner in ids or (owner is None and is_last)

        return self._view(
            [i for i, run in self.runs.items() if self._is_run_of(run, start, below)],
            reversed(ids),
            [i for i, element in self.elements.items() if is_here(element.for_id)],
            [i for i, action in self.actions.items() if is_here(action.for_id)],
            [i for i, ask in self.asks.items() if is_here(ask.step_id) or (is_last and ask.outcome is None)],
            [i for i, call in self.calls.items() if start == 0 or (is_last and call.outcome is None)],
            [i for i in self.deliveries if is_here(i)],
        )

    def _is_run_of(self, run: RunInfo, start: int, below: int | None) -> bool:
        place = next(iter(self._steps_of.get(run.id, {}).values()), None)
        if place is not None and start <= place and (below is None or place < below):
            return True
        return below is None and (place is None or run.status in ("queued", "running"))

    def walk(self, message_id: str | None) -> Iterator[Step]:
        """The messages from `message_id` back to the first, newest first."""
        while message_id is not None and (entry := self.steps.get(message_id)) is not None:
            yield entry.step
            message_id = entry.facts.prior_id

    def open_steps(self, run_id: str) -> list[str]:
        """Ids of the run's steps that are not closed, innermost first."""
        return [i for i in self.steps_of(run_id) if self.steps[i].facts.end is None][::-1]

    def steps_of(self, run_id: str) -> list[str]:
        """Ids of the run's steps, in the order in which they were opened."""
        return [i for i in self._steps_of.get(run_id, ()) if i in self.steps]

    # --- Folding ---

    def apply(self, seq: int, event: Event) -> Event | None:
        """Fold the event numbered `seq`.

        Returns what of it has an effect: `None` for an event at odds with the state, which changes nothing. Readers who
        have only a part of the thread are told no others, because they could not know.
        """
        if type(event) is StepDelta:
            entry = self.steps.get(event.id)
            if entry is None:
                return None
            entry.append(event.field, event.text)
            self._touch(seq, "steps", event.id)
            return event
        fold = _FOLDS.get(type(event))
        return event if fold is None else fold(self, seq, event)

    def _touch(self, seq: int, collection: str, entry_id: str) -> None:
        key = (collection, entry_id)
        if key != self._last_touched:  # the same again needs not be put last again
            self._touched.pop(key, None)
            self._last_touched = key
        self._touched[key] = seq

    def _bury(self, seq: int, collection: str, entry_id: str) -> bool:
        if self._collection(collection).pop(entry_id, None) is None:
            return False
        self._touched.pop((collection, entry_id), None)
        self._last_touched = None
        self._tombstones[(collection, entry_id)] = seq
        return True

    def _collection(self, name: str) -> dict[str, Any]:
        if name not in _COLLECTIONS:
            raise ValueError(f"`{name}` is not a collection of a state; those are {', '.join(_COLLECTIONS)}.")
        collection: dict[str, Any] = getattr(self, name)
        return collection

    def _put(self, seq: int, collection: str, entry: Any) -> None:
        self._collection(collection)[entry.id] = entry
        self._touch(seq, collection, entry.id)

    def _put_step(self, step: Step, opened_at: int = 0) -> None:
        known = self.steps.get(step.id)
        if known is None:
            self._places += 1
        place = self._places if known is None else known.place
        self.steps[step.id] = StepEntry(step, place, opened_at)
        if step.run_id is not None:
            steps = self._steps_of.get(step.run_id)
            if steps is None:
                self._steps_of[step.run_id] = steps = {}
            steps[step.id] = place

    def _knows(self, step_id: str | None) -> bool:
        """Whether the step is there, as far as one can know: it may stand on a page that is not loaded."""
        return step_id is None or step_id in self.steps or self._is_partial

    @property
    def _is_partial(self) -> bool:
        return self.window is not None and self.window.more

    def _run_queued(self, seq: int, event: RunQueued) -> Event | None:
        if event.id in self.runs:
            return None
        run = RunInfo(
            id=event.id,
            callback=event.callback,
            status="queued",
            trigger=event.trigger,
            text=event.text,
            message=event.message,
            command_id=event.command_id,
            by=event.by,
            queued_at=event.at,
        )
        self._put(seq, "runs", run)
        return event

    def _run_started(self, seq: int, event: RunStarted) -> Event | None:
        run = self.runs.get(event.id)
        if run is None or run.status != "queued":
            return None
        self._put(seq, "runs", replace(run, status="running", started_at=event.at, text=None, message=None))
        return event

    def _run_ended(self, seq: int, event: RunEnded) -> Event | None:
        run = self.runs.get(event.id)
        if run is None or run.status not in ("queued", "running"):
            return None
        ended = replace(
            run,
            status=event.status,
            ended_at=event.at,
            ended_by=event.by,
            error=event.error,
            value=event.value,
        )
        self._put(seq, "runs", ended)
        return event

    def _step_opened(self, seq: int, event: StepOpened) -> Event | None:
        step = event.step
        if step.id in self.steps or not self._knows(step.parent_id) or not self._knows(step.prior_id):
            return None
        self._put_step(step, seq)
        self._touch(seq, "steps", step.id)
        return event

    def _step_patched(self, seq: int, event: StepPatched) -> Event | None:
        fields = self._change_step(seq, event.id, event.set)
        return None if fields is None else event if fields is event.set else replace(event, set=fields)

    def _step_closed(self, seq: int, event: StepClosed) -> Event | None:
        fields = self._change_step(seq, event.id, event.set, end=event.end, is_error=event.is_error)
        return None if fields is None else event if fields is event.set else replace(event, set=fields)

    def _change_step(self, seq: int, step_id: str, fields: StepFields, **more: Any) -> StepFields | None:
        """Returns the fields that were set; `None` when there is no such step."""
        entry = self.steps.get(step_id)
        if entry is None:
            return None
        if isinstance(fields.parent_id, str) and not self._stands_before(fields.parent_id, step_id):
            fields = replace(fields, parent_id=UNSET)
        before, changed = entry.facts, more | _present(fields)
        entry.replace(changed)
        if not _SHAPE.isdisjoint(changed):
            if entry.facts.parent_id != before.parent_id or _kind(entry.facts) != _kind(before):
                self.reshaped_at = seq
            if bool(entry.facts.show_input) != bool(before.show_input):
                self.veiled_at = seq
        self._touch(seq, "steps", step_id)
        return fields

    def _stands_before(self, parent_id: str, step_id: str) -> bool:
        """Whether the one step was there before the other: only then may it be its parent, so that trees stay trees."""
        if parent_id not in self.steps:
            return self._is_partial
        first = next((known for known in self.steps if known in (parent_id, step_id)), None)
        return first == parent_id != step_id

    def _step_removed(self, seq: int, event: StepRemoved) -> Event | None:
        if event.id not in self.steps:
            return None
        self.removals[seq] = self.steps[event.id].place
        gone = self._descendants(event.id)
        prior = {i: self.steps[i].facts.prior_id for i in gone}

        def survivor(step_id: str | None) -> str | None:
            while step_id in prior:
                step_id = prior[step_id]
            return step_id

        for step_id, entry in self.steps.items():
            if step_id not in gone and entry.facts.prior_id in gone:
                entry.replace({"prior_id": survivor(entry.facts.prior_id)})
                self._touch(seq, "steps", step_id)
                if not is_message(entry.facts):
                    self.reshaped_at = seq
        self.leaf = survivor(self.leaf)
        self.removed_at = seq
        for step_id in gone:
            self._bury(seq, "steps", step_id)
            self._bury(seq, "deliveries", step_id)
        for collection, owner in (("elements", "for_id"), ("actions", "for_id"), ("asks", "step_id")):
            for entry_id in [i for i, e in self._collection(collection).items() if getattr(e, owner) in gone]:
                self._bury(seq, collection, entry_id)
        return event

    def _descendants(self, step_id: str) -> dict[str, None]:
        """The step and all below it. A parent always stands before its children, so one pass is enough."""
        found = {step_id: None}
        for child_id, entry in self.steps.items():
            if entry.facts.parent_id in found:
                found[child_id] = None
        return found

    def _step_delivered(self, seq: int, event: StepDelivered) -> Event | None:
        if event.id not in self.steps:
            return None
        delivery = Delivery(id=event.id, platform=event.platform, ref=event.ref, digest=event.digest)
        self._put(seq, "deliveries", delivery)
        return event

    def _leaf_moved(self, seq: int, event: LeafMoved) -> Event | None:
        if not self._knows(event.id):
            return None
        entry = self.steps.get(event.id or "")
        if event.id != self.leaf and (entry is None or entry.facts.prior_id != self.leaf):
            self.rebranched_at = seq
        self.leaf = event.id
        return event

    def _element_put(self, seq: int, event: ElementPut) -> Event | None:
        return event if self._hang(seq, "elements", event.element) else None

    def _element_removed(self, seq: int, event: ElementRemoved) -> Event | None:
        return event if self._bury(seq, "elements", event.id) else None

    def _action_put(self, seq: int, event: ActionPut) -> Event | None:
        return event if self._hang(seq, "actions", event.action) else None

    def _action_removed(self, seq: int, event: ActionRemoved) -> Event | None:
        return event if self._bury(seq, "actions", event.id) else None

    def _hang(self, seq: int, collection: str, entry: Element | Action) -> bool:
        """Put what hangs on a step, or on none. What hangs on one that is not loaded comes with that one's page."""
        is_loaded = entry.for_id is None or entry.for_id in self.steps
        if not is_loaded and not (self._is_partial and entry.id in self._collection(collection)):
            return False
        before = self._collection(collection).get(entry.id)
        if before is not None and before.for_id != entry.for_id:
            self.reshaped_at = seq
        self._put(seq, collection, entry)
        return True

    def _ask_opened(self, seq: int, event: AskOpened) -> Event | None:
        if event.id in self.asks or not self._knows(event.step_id):
            return None
        self._put(seq, "asks", Ask(**msgspec.structs.asdict(event)))
        return event

    def _ask_closed(self, seq: int, event: AskClosed) -> Event | None:
        ask = self.asks.get(event.id)
        if ask is None or ask.outcome is not None:
            return None
        self._put(seq, "asks", replace(ask, outcome=event.outcome, by=event.by, answer=event.answer))
        return event

    def _call_opened(self, seq: int, event: CallOpened) -> Event | None:
        if event.id in self.calls:
            return None
        self._put(seq, "calls", Call(**msgspec.structs.asdict(event)))
        return event

    def _call_closed(self, seq: int, event: CallClosed) -> Event | None:
        call = self.calls.get(event.id)
        if call is None or call.outcome is not None:
            return None
        self._put(seq, "calls", replace(call, outcome=event.outcome, value=event.value))
        return event

    def _thread_patched(self, seq: int, event: ThreadPatched) -> Event | None:
        self.thread = replace(self.thread, **_present(event.set))
        return event

    def _state_patched(self, seq: int, event: StatePatched) -> Event | None:
        for name, value in _present(event.set).items():
            if name == "session":
                self.fields["session"] = self.fields.get("session", {}) | value
            elif value is None:
                self.fields.pop(name, None)
            else:
                self.fields[name] = value
        return event

    def _save_progressed(self, seq: int, event: SaveProgressed) -> Event | None:
        self.saved = Saved(seq=max(self.saved.seq, event.seq))
        for key in [key for key, at in self._tombstones.items() if at <= event.seq]:
            self._forgotten = max(self._forgotten, self._tombstones.pop(key))
        return event

    def _save_failed(self, seq: int, event: SaveFailed) -> Event | None:
        self.saved = replace(self.saved, since=event.since, reason=event.reason)
        return event

    def _session_ended(self, seq: int, event: SessionEnded) -> Event | None:
        self.ended = event.reason
        return event


_SHAPE = frozenset({"parent_id", "type", "show_input"})
"""What of a step says who sees it, and where."""
_COLLECTIONS = ("runs", "steps", "elements", "actions", "asks", "calls", "deliveries")
_FIELDS = ("settings", "commands", "modes", "profile", "sidebar", "usage", "audio", "mcp", "session")
_FOLDS: dict[type, Callable[[ThreadState, int, Any], Event | None]] = {
    RunQueued: ThreadState._run_queued,
    RunStarted: ThreadState._run_started,
    RunEnded: ThreadState._run_ended,
    StepOpened: ThreadState._step_opened,
    StepPatched: ThreadState._step_patched,
    StepClosed: ThreadState._step_closed,
    StepRemoved: ThreadState._step_removed,
    StepDelivered: ThreadState._step_delivered,
    LeafMoved: ThreadState._leaf_moved,
    ElementPut: ThreadState._element_put,
    ElementRemoved: ThreadState._element_removed,
    ActionPut: ThreadState._action_put,
    ActionRemoved: ThreadState._action_removed,
    AskOpened: ThreadState._ask_opened,
    AskClosed: ThreadState._ask_closed,
    CallOpened: ThreadState._call_opened,
    CallClosed: ThreadState._call_closed,
    ThreadPatched: ThreadState._thread_patched,
    StatePatched: ThreadState._state_patched,
    SaveProgressed: ThreadState._save_progressed,
    SaveFailed: ThreadState._save_failed,
    SessionEnded: ThreadState._session_ended,
}


class PrincipalFold:
    """The fold of a principal's log: what stands, and what can still be restored. Threads are read by pages."""

    def __init__(self, view: PrincipalState | None = None) -> None:
        view = view or PrincipalState()
        self.notices: dict[str, Notice] = {notice.id: notice for notice in view.notices}
        self.removals: dict[str, Removal] = {removal.id: removal for removal in view.removals}

    def view(self) -> PrincipalState:
        return PrincipalState(notices=list(self.notices.values()), removals=list(self.removals.values()))

    def since(self, seq: int, place: int = 0) -> None:
        return None

    def apply(self, seq: int, event: Event) -> Event:
        if isinstance(event, NoticePosted):
            self.notices[event.notice.id] = event.notice
        elif isinstance(event, NoticeCleared):
            self.notices.pop(event.id, None)
        elif isinstance(event, ThreadListed):
            self.removals.pop(event.thread.id, None)
        elif isinstance(event, ThreadUnlisted):
            self.removals.pop(event.id, None)
            if event.removal is not None:
                self.removals[event.id] = event.removal
        return event


def is_message(step: Step) -> bool:
    """Whether the step is something somebody says."""
    return step.type in MESSAGE_TYPES


def _kind(step: Step) -> str:
    """What projections tell apart: messages, tools and other work."""
    return "message" if is_message(step) else step.type if step.type == "tool" else "work"
