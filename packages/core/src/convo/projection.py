"""What a reader may see: applied before anything is sent, to events and states alike."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from convo.protocol import ActionPut, CallOpened, Event, State, StateFields, StatePatched

__all__ = ["ParticipantProjection", "Projection"]


class Projection:
    """Sees everything: the Recorder's."""

    def event(self, event: Event) -> Event | None:
        """The event as the reader sees it, or `None` when it does not."""
        return event

    def state(self, state: Any) -> Any:
        """The state as the reader sees it."""
        return state


class ParticipantProjection(Projection):
    """An owner's or participant's connection: no action payloads, no `user_session`, nothing meant for another tab."""

    def __init__(self, connection_id: str) -> None:
        self._connection_id = connection_id

    def event(self, event: Event) -> Event | None:
        to = getattr(event, "to", None)
        if to is not None and to != self._connection_id and not isinstance(event, CallOpened):
            return None
        if isinstance(event, ActionPut):
            return ActionPut(action=replace(event.action, payload=None))
        if isinstance(event, StatePatched) and event.set.session is not UNSET:
            shown = replace(event.set, session=UNSET)
            return StatePatched(set=shown) if shown != StateFields() else None
        return event

    def state(self, state: Any) -> Any:
        if not isinstance(state, State):
            return state
        return replace(state, session=None, actions=[replace(action, payload=None) for action in state.actions])
