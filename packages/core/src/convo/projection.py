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
    ElementRemoved,
    Event,
    LeafMoved,
    RunEnded,
    RunInfo,
    RunQueued,
    RunStarted,
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
    StepRemoved,
    ThreadFields,
    ThreadInfo,
    ThreadPatched,
)
from convo.state import ThreadState, is_message

__all__ = ["Cot", "ParticipantProjection", "Projection", "ViewerProjection", "strictest"]

Cot = Literal["hidden", "tool_call", "full"]
"""Which steps a participant sees beside messages: none, tools, all."""

_STRICTNESS: tuple[Cot, ...] = ("hidden", "tool_call", "full")

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
            is_shown = was_opened and self._is_shown(event.step, state)
            return StepOpened(step=self._hung(event.step, state)) if is_shown else None
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
            steps=[self._hung(step, whole) for step in view.steps if self._is_shown(step, whole)],
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
            if self._is_shown(entry.facts, state):
                return step_id
            step_id = getattr(entry.facts, link)
        return None

    def _shows(self, step_id: str | None, state: ThreadState) -> bool:
        """Whether what hangs on a step is shown; what hangs on none is."""
        if step_id is None:
            return True
        entry = state.steps.get(step_id)
        return entry is not None and self._is_shown(entry.facts, state)

    def _is_shown(self, step: Step, state: ThreadState) -> bool:
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


class ViewerProjection(ParticipantProjection):
    """A reader's by share: the branch that is shown, with what a participant sees of its steps, and nothing private.

    Nobody's ids, ratings, favourites, settings or `user_session`, nothing to click or to answer, no sound, no metadata.
    The thread goes by the share's id, and its files, which lie below `files`, are read below `shown_files` instead.
    """

    def __init__(self, share_id: str, cot: Cot, *, files: str, shown_files: str) -> None:
        super().__init__("", cot)
        self.hides_steps = True  # those of other branches
        self._share_id = share_id
        self._files = files
        self._shown_files = shown_files
        self._leaf: str | None = None
        self._branch: set[str] | None = None
        self._runs: set[str] = set()  # that were found on it

    def event(self, event: Event, state: Any) -> Event | None:
        if isinstance(event, _WITH_INPUT):
            shown = _without_input(event, state)
            return None if shown is None else _public_event(shown, state)
        if isinstance(event, StepRemoved | LeafMoved | RunStarted | ElementRemoved):
            return event
        if isinstance(event, ElementPut):
            return ElementPut(element=self._element(event.element))
        if isinstance(event, RunQueued):
            return replace(
                event, callback=_public_name(event.callback), text=None, message=None, command_id=None, by=None
            )
        if isinstance(event, RunEnded):
            return replace(event, by=None, value=None)
        if isinstance(event, ThreadPatched):
            return None if event.set.name is UNSET else ThreadPatched(set=ThreadFields(name=event.set.name))
        if isinstance(event, StatePatched):
            sidebar = event.set.sidebar
            return None if sidebar is UNSET else StatePatched(set=StateFields(sidebar=sidebar))
        return None  # also what later versions add

    def state(self, view: Any, whole: Any) -> Any:
        if not isinstance(view, State):
            return view
        view = self._without_hidden(view, whole)
        return State(
            thread=self._thread(view.thread),
            runs=[_public_run(run) for run in view.runs if run.status != "queued"],
            steps=[_public_step(_shown_of(step)) for step in view.steps],
            leaf=view.leaf,
            elements=[self._element(element) for element in view.elements],
            sidebar=view.sidebar,
        )

    def shows_file(self, url: str, state: ThreadState) -> bool:
        """Whether something that is shown has this address in the thread."""
        hanging = (element.for_id for element in state.elements.values() if element.url == url)
        return any(self._shows(step_id, state) for step_id in hanging)

    def must_restart(self, position: int, state: Any) -> Literal["whole", "part"] | None:
        return "whole" if position < state.rebranched_at else super().must_restart(position, state)

    def _thread(self, thread: ThreadInfo) -> ThreadInfo:
        return ThreadInfo(id=self._share_id, name=thread.name, created_at=thread.created_at)

    def _element(self, element: Element) -> Element:
        url = element.url
        if url is not None and url.startswith(self._files):
            url = f"{self._shown_files}{url.removeprefix(self._files)}"
        return replace(element, url=url, by=None, metadata=None)

    # --- The branch ---

    def _is_shown(self, step: Step, state: ThreadState) -> bool:
        return super()._is_shown(step, state) and self._is_on_branch(step, state)

    def _is_on_branch(self, step: Step, state: ThreadState) -> bool:
        if self._branch is None or state.leaf != self._leaf:
            self._leaf, self._branch = state.leaf, _branch(state)
            self._runs.clear()
        if is_message(step):
            return step.id in self._branch
        parent = state.steps.get(step.parent_id or "")
        if parent is not None:
            return self._is_on_branch(parent.facts, state)
        return step.run_id is None or self._is_run_on_branch(step.run_id, state)

    def _is_run_on_branch(self, run_id: str, state: ThreadState) -> bool:
        """A run is where its messages are; one that says nothing is where it was started."""
        assert self._branch is not None
        if run_id in self._runs:
            return True
        said = [i for i in state.steps_of(run_id) if is_message(state.steps[i].facts)]
        run = state.runs.get(run_id)
        trigger = None if run is None else run.trigger
        at = said or ([trigger] if trigger in state.steps else [])
        if at and self._branch.isdisjoint(at):
            return False
        self._runs.add(run_id)
        return True


def strictest(*cots: Cot) -> Cot:
    """That which shows least."""
    return min(cots, key=_STRICTNESS.index)


def _branch(state: ThreadState) -> set[str]:
    """The ids of the messages on the branch that is shown."""
    found: set[str] = set()
    step_id = state.leaf
    while step_id is not None and step_id not in found and (entry := state.steps.get(step_id)) is not None:
        found.add(step_id)
        step_id = entry.facts.prior_id
    return found


def _public_event(event: Event, state: ThreadState) -> Event | None:
    """What happened to a step."""
    if isinstance(event, StepOpened):
        return StepOpened(step=_public_step(event.step))
    if not isinstance(event, StepPatched | StepClosed):
        return event
    changes = replace(event.set, feedback=UNSET, favourite=UNSET, metadata=UNSET, tags=UNSET)
    entry = state.steps.get(event.id)
    if entry is None or entry.facts.type == "user_message":
        changes = replace(changes, author=UNSET)
    return None if isinstance(event, StepPatched) and changes == StepFields() else replace(event, set=changes)


def _public_step(step: Step) -> Step:
    """A step without who said it, what its owner thinks of it, and what the app keeps with it."""
    author = None if step.type == "user_message" else step.author
    return replace(
        step, author=author, by=None, command_id=None, feedback=None, favourite=False, metadata=None, tags=None
    )


def _public_run(run: RunInfo) -> RunInfo:
    return replace(
        run,
        callback=_public_name(run.callback),
        text=None,
        message=None,
        command_id=None,
        by=None,
        ended_by=None,
        value=None,
    )


def _public_name(callback: str) -> str:
    """Without the name of the action that was clicked."""
    return callback.partition(":")[0]
