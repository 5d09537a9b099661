"""The context of a callback: whom it talks to, right now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from convo.emitter import Emitter
from convo.errors import NoContextError
from convo.run import Run, current_run, current_step
from convo.session import Session, current_session

if TYPE_CHECKING:
    from convo.step import Step

__all__ = ["Context", "Place", "context", "innermost"]


class Place(Protocol):
    """What a traced framework has open where code is: a step that nobody has asked for yet."""

    @property
    def id(self) -> str: ...
    @property
    def as_step(self) -> Step: ...


def innermost(run: Run, step: Step | None, besides: object = None) -> Step | Place | None:
    """Where code is, by the run's guides, below `step`: it may go through several frameworks by turns.

    `besides` is the key of a guide that is not asked.
    """
    place: Step | Place | None = step
    for _ in range(len(run.guides)):
        before = place
        for framework, guide in tuple(run.guides.items()):
            if framework != besides:
                place = guide(place)
        if place is before:
            break
    return place


class Context:
    """Looks up the session, run and step of the code that is running. Raises `NoContextError` outside a callback."""

    @property
    def session(self) -> Session:
        session = current_session.get()
        if session is None:
            raise NoContextError(
                "This needs a running callback: call it inside one, or in a task or thread that one started."
            )
        return session

    @property
    def emitter(self) -> Emitter:
        """What a callback does to the page itself."""
        return Emitter(self.session)

    @property
    def current_run(self) -> Run | None:
        return current_run.get()

    @property
    def current_step(self) -> Step | None:
        """The innermost step that is open here: one of yours, or what a traced framework is at."""
        step: Step | None = current_step.get()
        place = _place(step)
        return step if place is None or place is step else place.as_step  # type: ignore[union-attr]  # no other step

    @property
    def current_step_id(self) -> str | None:
        place = _place(current_step.get())
        return None if place is None else place.id


def _place(step: Step | None) -> Step | Place | None:
    run = current_run.get()
    return step if run is None or not run.guides else innermost(run, step)


context = Context()
