"""The turn: what one run does, read from the fold of its thread's log and told once, as happenings.

Every protocol here is a fold of happenings. A turn looks at a `ThreadState`, so it makes no difference in what pieces a
log was read, or whether a snapshot came in between.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from convo.protocol import (
    MESSAGE_TYPES,
    Action,
    ActionPut,
    Ask,
    Element,
    ElementPut,
    Event,
    RunInfo,
    StatePatched,
    Step,
    StepClosed,
    StepDelta,
    StepOpened,
    StepPatched,
    StepRemoved,
)
from convo.state import StepEntry, ThreadState

__all__ = [
    "ActionOffered",
    "Asked",
    "ElementShown",
    "Ended",
    "Happening",
    "StateSet",
    "StepBegan",
    "StepEnded",
    "TextAdded",
    "TextBegan",
    "TextEnded",
    "Turn",
    "Usage",
    "asked",
    "json_or_text",
    "state_of",
]

_OVER = ("done", "failed", "stopped", "interrupted")


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of all generations that are shown."""

    input: int = 0
    output: int = 0
    models: tuple[tuple[str | None, str | None, int, int], ...] = ()
    """Provider, model, and the tokens of each."""

    @property
    def total(self) -> int:
        return self.input + self.output


@dataclass(frozen=True, slots=True)
class TextBegan:
    """A message says something. With `replaces`, it says so instead of another text, which cannot be taken back."""

    id: str
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class TextAdded:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class TextEnded:
    id: str


@dataclass(frozen=True, slots=True)
class StepBegan:
    """A step that is no message."""

    step: Step


@dataclass(frozen=True, slots=True)
class StepEnded:
    step: Step


@dataclass(frozen=True, slots=True)
class ElementShown:
    """An element, or another with the same id in its place."""

    element: Element


@dataclass(frozen=True, slots=True)
class ActionOffered:
    action: Action


@dataclass(frozen=True, slots=True)
class Asked:
    """The run asks. `text` was said as a message; `choices` are the labels of its buttons, by id.

    With `is_waiting` the answer ends here, and the next request brings the user's; else nobody answers, and it goes on.
    """

    ask: Ask
    text: str
    choices: dict[str, str]
    is_waiting: bool = True


@dataclass(frozen=True, slots=True)
class StateSet:
    """What a client may know of the thread beside its messages, whole."""

    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    run: RunInfo
    usage: Usage | None


Happening: TypeAlias = (
    TextBegan | TextAdded | TextEnded | StepBegan | StepEnded | ElementShown | ActionOffered | Asked | StateSet | Ended
)


class _Told:
    """What was told of one message."""

    __slots__ = ("is_open", "text", "times")

    def __init__(self) -> None:
        self.text = ""
        self.is_open = False
        self.times = 0  # how often it began


class Turn:
    """What the run `run_id` does. `take` says what is new, until it `is_over`."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.is_over = False
        self._texts: dict[str, _Told] = {}
        self._steps: dict[str, bool] = {}  # and whether they have ended
        self._elements: dict[str, Element] = {}
        self._actions: set[str] = set()
        self._asks: set[str] = set()
        self._is_followed = False

    def pass_over(self, state: ThreadState) -> None:
        """What the run has done so far was told elsewhere."""
        self.take(state, None)
        for told in self._texts.values():
            told.is_open = False

    def take(self, state: ThreadState, events: Sequence[Event] | None) -> list[Happening]:
        """What happened by the `events` that have led to `state`; `None`: by whatever did."""
        run = state.runs.get(self.run_id)
        if run is None or self.is_over:
            return []
        if not self._is_followed:
            events = None
            self._is_followed = True
        happenings = list(self._look(state, events))
        if run.status in _OVER:
            happenings += self._end(state)
            happenings.append(Ended(run, _usage(state, self.run_id)))
            self.is_over = True
        return happenings

    def _look(self, state: ThreadState, events: Sequence[Event] | None) -> Iterator[Happening]:
        if events is None or any(isinstance(event, StatePatched) for event in events):
            yield StateSet(state_of(state))
        mine = state.steps_of(self.run_id)
        for step_id in mine if events is None else _steps_in(events, set(mine)):
            entry = state.steps[step_id]
            yield from self._message(entry) if entry.facts.type in MESSAGE_TYPES else self._step(entry)
        if events is None or any(isinstance(event, StepRemoved) for event in events):
            yield from self._removed(state)
        yield from self._attached(state, events, set(mine))
        yield from self._ask(state)

    def _message(self, entry: StepEntry) -> Iterator[Happening]:
        if entry.facts.type == "user_message":  # an answer to a question
            return
        step_id, text = entry.facts.id, entry.step.output
        told = self._texts.setdefault(step_id, _Told())
        replaces = None
        if not text.startswith(told.text):
            replaces = _name(step_id, told.times)
            if told.is_open:
                yield TextEnded(replaces)
            told.text, told.is_open = "", False
        added = text[len(told.text) :]
        if added:
            if not told.is_open:
                told.is_open, told.times = True, told.times + 1
                yield TextBegan(_name(step_id, told.times), replaces)
            told.text = text
            yield TextAdded(_name(step_id, told.times), added)
        if entry.facts.end is not None and told.is_open:
            told.is_open = False
            yield TextEnded(_name(step_id, told.times))

    def _step(self, entry: StepEntry) -> Iterator[Happening]:
        step = entry.step
        if step.type == "run":
            return
        if step.id not in self._steps:
            self._steps[step.id] = False
            yield StepBegan(step)
        if step.end is not None and not self._steps[step.id]:
            self._steps[step.id] = True
            yield StepEnded(step)

    def _removed(self, state: ThreadState) -> Iterator[Happening]:
        """What is gone has ended, for those who cannot take it back."""
        for step_id, told in self._texts.items():
            if told.is_open and step_id not in state.steps:
                told.is_open = False
                yield TextEnded(_name(step_id, told.times))
        for step_id, has_ended in self._steps.items():
            if not has_ended and step_id not in state.steps:
                self._steps[step_id] = True
                yield StepEnded(Step(id=step_id, type="undefined"))

    def _attached(self, state: ThreadState, events: Sequence[Event] | None, mine: set[str]) -> Iterator[Happening]:
        if events is None or any(isinstance(event, ElementPut) for event in events):
            for element in state.elements.values():
                is_new = self._elements.get(element.id) != element
                if element.by is None and element.for_id in mine and is_new:
                    self._elements[element.id] = element
                    yield ElementShown(element)
        if events is None or any(isinstance(event, ActionPut) for event in events):
            for action in state.actions.values():
                if action.for_id in mine and action.id not in self._actions:
                    self._actions.add(action.id)
                    yield ActionOffered(action)

    def _ask(self, state: ThreadState) -> Iterator[Happening]:
        """Its question, if it waits for the answer."""
        for ask in state.asks.values():
            if ask.run_id != self.run_id or ask.outcome is not None:
                continue
            if ask.id not in self._asks:
                self._asks.add(ask.id)
                yield asked(state, ask)

    def _end(self, state: ThreadState) -> Iterator[Happening]:
        for step_id, told in self._texts.items():
            if told.is_open:
                told.is_open = False
                yield TextEnded(_name(step_id, told.times))
        for step_id, has_ended in self._steps.items():
            if not has_ended:
                self._steps[step_id] = True
                entry = state.steps.get(step_id)
                yield StepEnded(Step(id=step_id, type="undefined") if entry is None else entry.step)


def asked(state: ThreadState, ask: Ask) -> Asked:
    """A question with its words."""
    entry = state.steps.get(ask.step_id)
    actions = [state.actions.get(one) for one in ask.spec.get("actions", ())]
    choices = {action.id: action.label or action.name for action in actions if action is not None}
    return Asked(ask, "" if entry is None else entry.step.output, choices)


def state_of(state: ThreadState) -> dict[str, Any]:
    """What a client may know of a thread beside its messages."""
    settings = (state.fields.get("settings") or {}).get("values")
    shown = {"settings": settings, **{name: state.fields.get(name) for name in ("profile", "usage", "sidebar")}}
    return {"thread": state.thread.id} | {name: value for name, value in shown.items() if value is not None}


def json_or_text(text: str) -> Any:
    """What a step took or gave: as JSON if it is an object or a list, and else as the text it is."""
    if text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _name(step_id: str, times: int) -> str:
    """The id of a message's text; of one that began anew it is another."""
    return step_id if times <= 1 else f"{step_id}~{times}"


def _steps_in(events: Iterable[Event], mine: set[str]) -> list[str]:
    ids: dict[str, None] = {}
    for event in events:
        if isinstance(event, StepDelta | StepPatched | StepClosed):
            ids[event.id] = None
        elif isinstance(event, StepOpened):
            ids[event.step.id] = None
    return [step_id for step_id in ids if step_id in mine]


def _usage(state: ThreadState, run_id: str) -> Usage | None:
    found = [state.steps[step_id].facts.generation for step_id in state.steps_of(run_id)]
    counted = [
        (one.provider, one.model, one.input_token_count or 0, one.output_token_count or 0)
        for one in found
        if one is not None and (one.input_token_count is not None or one.output_token_count is not None)
    ]
    if not counted:
        return None
    return Usage(sum(one[2] for one in counted), sum(one[3] for one in counted), tuple(counted))
