"""The context of a callback: whom it talks to, right now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convo.emitter import Emitter
from convo.errors import NoContextError
from convo.run import Run, current_run, current_step
from convo.session import Session, current_session

if TYPE_CHECKING:
    from convo.step import Step

__all__ = ["Context", "context"]


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
        """The innermost step that is open here."""
        step: Step | None = current_step.get()
        return step

    @property
    def current_step_id(self) -> str | None:
        step = self.current_step
        return None if step is None else step.id


context = Context()
