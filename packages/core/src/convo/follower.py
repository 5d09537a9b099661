"""The follower: what a client knows of a thread, and of its principal, by the frames it was sent."""

from __future__ import annotations

import msgspec

from convo.protocol import Batch, Event, PrincipalState, Snapshot, State
from convo.state import PrincipalFold, ThreadState

__all__ = ["Follower", "GapError"]


class GapError(LookupError):
    """A batch does not begin where the follower stands: it has to ask again from its position."""


class Follower:
    """Folds decoded frames, whatever carried them. Its position and its fold outlive connections."""

    def __init__(self) -> None:
        self.log: str | None = None
        self.position = 0
        """The number of the last event it has."""
        self.notices = PrincipalFold()
        self._state: ThreadState | None = None

    @property
    def is_begun(self) -> bool:
        """Whether it knows anything of its thread."""
        return self._state is not None

    @property
    def state(self) -> ThreadState:
        assert self._state is not None, "a reader without a position gets a snapshot first"
        return self._state

    @property
    def place(self) -> int:
        """Where the window begins that it has of a long thread."""
        return 0 if self._state is None or self._state.window is None else self._state.window.place

    def take(self, frame: Batch | Snapshot) -> list[Event]:
        """Fold a frame; returns the events in it, none for one that is here already. Raises `GapError`."""
        if frame.scope == "principal":
            return self._take_notices(frame)
        if isinstance(frame, Snapshot):
            self._restore(frame)
            events: list[Event] = []
        else:
            if frame.log == self.log and frame.to <= self.position:
                return []
            if frame.log != self.log or frame.start != self.position + 1 or self._state is None:
                raise GapError(f"At {self.log}:{self.position} came {frame.log}:{frame.start}")
            events = frame.events
            for event in events:
                self._state.apply(frame.to, event)
        self.log, self.position = frame.log, frame.to
        return events

    def _restore(self, frame: Snapshot) -> None:
        view = msgspec.convert(frame.state, State)
        if frame.since is not None and self._state is not None and frame.since == self.position:
            self._state.merge(view, frame.removed, frame.window)
        else:
            self._state = ThreadState.from_view(view, frame.window)

    def _take_notices(self, frame: Batch | Snapshot) -> list[Event]:
        if isinstance(frame, Snapshot):
            self.notices = PrincipalFold(msgspec.convert(frame.state, PrincipalState))
            return []
        for event in frame.events:
            self.notices.apply(frame.to, event)
        return frame.events
