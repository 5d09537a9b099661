"""What a reader may see: applied before anything is sent, to events and states alike."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET
from msgspec.structs import replace

from convo.protocol import (
    MESSAGE_TYPES,
    Action,
    ActionPut,
    AskClosed,
    AskOpened,
    CallOpened,
    Element,
    ElementPut,
    Event,
    LeafMoved,
    State,
    StateFields,
    StatePatched,
    Step,
    StepClosed,
    StepDelivered,
    StepDelta,
    StepFields,
    StepOpened,
    StepPatched,
)
from convo.state import ThreadState

__all__ = ["Cot", "ParticipantProjection", "Projection"]

Cot = Literal["hidden", "tool_call", "full"]
"""Which steps a participant sees beside messages: none, tools, all."""

_SHOWN: dict[Cot, frozenset[str] | None] = {
    "hidden": MESSAGE_TYPES,
    "tool_call": MESSAGE_TYPES | {"tool"},
    "full": None,
}


class Projection:
    """Sees everything: the Recorder's."""

    hides_steps = False
    """Whether it asks `unveil`, which looks at the state."""

    def event(self, event: Event, state: Any) -> Event | None:
        """The event as the reader sees it, or `None` when it does not. `state` is the fold of the log, or later."""
        return event

    def state(self, view: Any, whole: Any) -> Any:
        """A view of the state `whole`, all or a part of it, as the reader sees it."""
        return view

    def must_restart(self, position: int, state: Any) -> Literal["whole", "part"] | None:
        """Whether a reader at `position` needs a snapshot: of everything, or of what changed since."""
        return None

    def unveil(self, seq: int, event: Event, state: ThreadState) -> Event | None:
        """The event numbered `seq` for a reader who needs no snapshot, or `None` when it is not for him.

        `state` is the fold of the whole log.
        """
        return event


class ParticipantProjection(Projection):
    """An owner's or participant's connection: no action payloads, no `user_session`, nothing meant for another tab.

    No input of a step that does not show it, either. Of the steps it shows what `cot` says; what stands below a hidden
    step hangs on the nearest shown one above it.
    """

    def __init__(self, connection_id: str, cot: Cot = "full") -> None:
        self._connection_id = connection_id
        self._shown = _SHOWN[cot]
        self.hides_steps = self._shown is not None

    def event(self, event: Event, state: Any) -> Event | None:
        to = getattr(event, "to", None)
        if to is not None and to != self._connection_id and not isinstance(event, CallOpened):
            return None
        if isinstance(event, ActionPut):
            return ActionPut(action=replace(event.action, payload=None))
        if isinstance(event, StatePatched) and event.set.session is not UNSET:
            shown = replace(event.set, session=UNSET)
            return StatePatched(set=shown) if shown != StateFields() else None
        return _without_input(event, state) if isinstance(event, _WITH_INPUT) else event

    def state(self, view: Any, whole: Any) -> Any:
        if not isinstance(view, State):
            return view
        if self.hides_steps:
            view = self._without_hidden(view, whole)
        return replace(
            view,
            session=None,
            steps=[_shown_of(step) for step in view.steps],
            actions=[replace(action, payload=None) for action in view.actions],
        )

    def must_restart(self, position: int, state: Any) -> Literal["whole", "part"] | None:
        if not isinstance(state, ThreadState):
            return None
        # What stood below a hidden step moves or goes with it, for a reader who never heard of it.
        if self.hides_steps and position < state.reshaped_at:
            return "whole"
        is_behind = position < state.veiled_at or (self.hides_steps and position < state.removed_at)
        return "part" if is_behind else None

    # --- Steps that are hidden ---

    def unveil(self, seq: int, event: Event, state: ThreadState) -> Event | None:
        # No step was removed, moved or changed its kind since `seq`: what `state` says of places was true then.
        if isinstance(event, StepDelta | StepDelivered):
            return event if self._shows(event.id, state) else None
        if isinstance(event, StepOpened):
            entry = state.steps.get(event.step.id)
            was_opened = entry is not None and entry.opened_at == seq  # else it was at odds with the state
            return StepOpened(step=self._hung(event.step, state)) if was_opened and self._is_shown(event.step) else None
        if isinstance(event, StepPatched | StepClosed):
            return self._changed(event, state)
        if isinstance(event, LeafMoved):
            entry = state.steps.get(event.id or "")
            if event.id is not None and (entry is None or entry.opened_at > seq):
                return None
            return LeafMoved(id=self._nearest(event.id, state, "prior_id"))
        if isinstance(event, ElementPut):
            return event if self._shows(event.element.for_id, state) else None
        if isinstance(event, ActionPut):
            return event if self._shows(event.action.for_id, state) else None
        if isinstance(event, AskOpened):
            ask = state.asks.get(event.id)
            was_opened = ask is not None and ask.step_id == event.step_id
            return event if was_opened and self._shows(event.step_id, state) else None
        if isinstance(event, AskClosed):
            ask = state.asks.get(event.id)
            return event if ask is not None and self._shows(ask.step_id, state) else None
        return event

    def _changed(self, event: StepPatched | StepClosed, state: ThreadState) -> Event | None:
        if not self._shows(event.id, state):
            return None
        changes = replace(event.set, parent_id=UNSET)  # it did not move, whatever the event says
        if isinstance(event, StepPatched) and changes == StepFields():
            return None
        return replace(event, set=changes)

    def _without_hidden(self, view: State, whole: ThreadState) -> State:
        def hangs_on_shown(noun: Element | Action) -> bool:
            return self._shows(noun.for_id, whole)

        return replace(
            view,
            steps=[self._hung(step, whole) for step in view.steps if self._is_shown(step)],
            leaf=self._nearest(view.leaf, whole, "prior_id"),
            elements=[element for element in view.elements if hangs_on_shown(element)],
            actions=[action for action in view.actions if hangs_on_shown(action)],
            asks=[ask for ask in view.asks if self._shows(ask.step_id, whole)],
            deliveries=[delivery for delivery in view.deliveries if self._shows(delivery.id, whole)],
        )

    def _hung(self, step: Step, state: ThreadState) -> Step:
        """The step on the nearest steps that are shown."""
        parent_id = self._nearest(step.parent_id, state, "parent_id")
        prior_id = self._nearest(step.prior_id, state, "prior_id")
        if parent_id == step.parent_id and prior_id == step.prior_id:
            return step
        return replace(step, parent_id=parent_id, prior_id=prior_id)

    def _nearest(self, step_id: str | None, state: ThreadState, link: Literal["parent_id", "prior_id"]) -> str | None:
        while step_id is not None and (entry := state.steps.get(step_id)) is not None:
            if self._is_shown(entry.facts):
                return step_id
            step_id = getattr(entry.facts, link)
        return None

    def _shows(self, step_id: str | None, state: ThreadState) -> bool:
        """Whether what hangs on a step is shown; what hangs on none is."""
        if step_id is None:
            return True
        entry = state.steps.get(step_id)
        return entry is not None and self._is_shown(entry.facts)

    def _is_shown(self, step: Step) -> bool:
        return self._shown is None or step.type in self._shown


_WITH_INPUT = (StepDelta, StepOpened, StepPatched, StepClosed)


def _without_input(event: StepDelta | StepOpened | StepPatched | StepClosed, state: ThreadState) -> Event | None:
    """The event without the input of a step that does not show it."""
    if isinstance(event, StepOpened):
        return replace(event, step=_shown_of(event.step)) if event.step.input else event
    if event.field == "output" if isinstance(event, StepDelta) else event.set.input is UNSET:
        return event
    # Had it changed since whether the step shows its input, the reader would get a snapshot.
    entry = state.steps.get(event.id)
    if entry is not None and entry.facts.show_input:
        return event
    if isinstance(event, StepDelta):
        return replace(event, text="")  # it tells that the step goes on
    changes = replace(event.set, input=UNSET)
    return None if isinstance(event, StepPatched) and changes == StepFields() else replace(event, set=changes)


def _shown_of(step: Step) -> Step:
    return replace(step, input="") if step.input and not step.show_input else step
