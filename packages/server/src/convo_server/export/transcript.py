"""A transcript: the shown branch of a thread, turn by turn, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from convo.protocol import Element, RunInfo, State, Step
from convo.state import is_message

__all__ = ["Transcript", "Turn"]

DEEPEST = 8
"""Steps further down count as beside those above them."""


@dataclass(eq=False, slots=True)
class Turn:
    """What a user said and what came of it."""

    user: Step | None = None  # absent for what the app says unasked
    items: list[Step] = field(default_factory=list)
    """Messages of the app, and steps without a parent, in the order in which they began."""
    run: RunInfo | None = None
    """The run that answers it, the latest one if there were several."""


class Transcript:
    """What a reader of `state` sees. The rules are those of `branch.ts`, by which the page goes."""

    def __init__(self, state: State) -> None:
        self.thread = state.thread
        self._steps = {step.id: step for step in state.steps}
        self._below: dict[str, list[Step]] = {}
        self._elements: dict[str | None, list[Element]] = {}
        for step in state.steps:
            if step.parent_id is not None and not is_message(step):
                self._below.setdefault(step.parent_id, []).append(step)
        for element in state.elements:
            self._elements.setdefault(element.for_id, []).append(element)
        self.turns = self._turns(state)

    def steps_below(self, step_id: str) -> Iterator[tuple[int, Step]]:
        """All steps below it with how far below they are, from 0 on, parents first.

        A message within a step is an item of its turn.
        """
        waiting = [(0, step) for step in reversed(self._below.get(step_id, ()))]
        while waiting:
            depth, step = waiting.pop()
            yield depth, step
            deeper = min(depth + 1, DEEPEST)
            waiting += [(deeper, below) for below in reversed(self._below.get(step.id, ()))]

    def elements_of(self, step_id: str | None) -> Sequence[Element]:
        """What is shown with a step, or, with `None`, with none of them."""
        return self._elements.get(step_id, ())

    def _branch(self, leaf: str | None) -> list[Step]:
        found: dict[str, Step] = {}
        while leaf is not None and leaf not in found and (step := self._steps.get(leaf)) is not None:
            found[leaf] = step
            leaf = step.prior_id
        return list(found.values())[::-1]

    def _turns(self, state: State) -> list[Turn]:
        turns: list[Turn] = []
        turn_of: dict[str, Turn] = {}
        for step in self._branch(state.leaf):
            is_user = step.type == "user_message"
            if is_user or not turns:
                turns.append(Turn(step if is_user else None))
            turn_of[step.id] = turns[-1]
        speaking = {step.run_id for step in state.steps if is_message(step) and step.type != "user_message"}
        turn_of_run = self._place_runs(state, turns, turn_of, speaking)
        self._place_items(state, turns, turn_of, turn_of_run, speaking)
        return turns

    def _place_runs(
        self, state: State, turns: list[Turn], turn_of: Mapping[str, Turn], speaking: set[str | None]
    ) -> dict[str, Turn]:
        """In which turn each run's steps stand; runs that answer on another branch stand in none."""
        placed: dict[str, Turn] = {}
        for step in state.steps:
            if step.run_id is None or not is_message(step) or step.type == "user_message":
                continue
            if step.id in turn_of:
                placed.setdefault(step.run_id, turn_of[step.id])
        for run in state.runs:
            if run.id in placed or run.id in speaking:
                continue
            if run.trigger is not None and run.trigger in turn_of:
                placed[run.id] = turn_of[run.trigger]
            elif run.trigger is None and run.error is not None:  # it failed without a word
                placed[run.id] = Turn()
                turns.insert(0 if run.callback == "on_chat_start" else len(turns), placed[run.id])
        for run in state.runs:
            turn = placed.get(run.id)
            if turn is None:
                continue
            asked = None if turn.user is None else turn.user.id
            has_answer = turn.run is not None and turn.run.trigger is not None and turn.run.trigger == asked
            if (run.trigger is not None and run.trigger == asked) or not has_answer:
                turn.run = run
        return placed

    def _place_items(
        self,
        state: State,
        turns: list[Turn],
        turn_of: Mapping[str, Turn],
        turn_of_run: dict[str, Turn],
        speaking: set[str | None],
    ) -> None:
        unasked = {run.id for run in state.runs if run.trigger is None}
        known = {run.id for run in state.runs}
        latest: Turn | None = None
        for step in state.steps:
            if is_message(step):
                turn = turn_of.get(step.id)
                if turn is not None:
                    latest = turn
                    if turn.user is not step:
                        turn.items.append(step)
                continue
            parent = self._steps.get(step.parent_id or "")
            if parent is not None and (parent.type != "user_message" or parent.id not in turn_of):
                continue
            is_unasked = step.run_id is None or step.run_id in unasked or step.run_id not in known
            turn = latest if step.run_id is None else turn_of_run.get(step.run_id)
            if turn is None and is_unasked and step.run_id not in speaking:
                turn = latest
            if turn is not None:
                turn.items.append(step)
            elif is_unasked:
                latest = Turn(items=[step])
                turns.insert(0, latest)
                if step.run_id is not None:
                    turn_of_run[step.run_id] = latest
