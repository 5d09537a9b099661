"""Actions: buttons that an app offers."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec

from convo.context import context
from convo.icon import check_icon
from convo.protocol import Action as ActionNoun
from convo.protocol import ActionPut, ActionRemoved, new_id
from convo.session import Session

__all__ = ["Action", "ActionDict"]


class ActionDict(TypedDict, total=False):
    """An action as a dict."""

    id: str
    name: str
    payload: dict[str, Any]
    label: str
    tooltip: str
    icon: str | None
    forId: str | None


class Action:
    """A button below a message. A click runs the `action_callback` of its `name`, which gets the `payload`.

    The payload stays on the server. `icon` is the name of a Lucide icon. Raises `TypeError` for a payload that JSON
    cannot hold.
    """

    def __init__(
        self,
        name: str,
        payload: dict[str, Any] | None = None,
        label: str = "",
        tooltip: str = "",
        icon: str | None = None,
        id: str | None = None,
        forId: str | None = None,  # noqa: N803 - the name that existing apps know
    ) -> None:
        if not isinstance(name, str):
            raise TypeError(f"An action's `name` is that of its `action_callback`, not a `{type(name).__name__}`.")
        if not name:
            raise ValueError("An action's `name` is that of its `action_callback`; it cannot be empty.")
        if not isinstance(payload, dict | None):
            raise TypeError(f"The `payload` of the action `{name}` is a dict, not a `{type(payload).__name__}`.")
        self.id = id or new_id()
        self.name = name
        self.payload: dict[str, Any] = payload or {}
        self.label = label
        self.tooltip = tooltip
        self.icon = icon
        self.forId = forId
        self._session: Session | None = None
        check_icon(icon)
        try:
            msgspec.json.encode(self.payload)
        except (TypeError, ValueError, RecursionError) as error:
            raise TypeError(f"The payload of the action `{name}` must be what JSON can hold: {error}.") from error

    def __repr__(self) -> str:
        return f"Action(name={self.name!r}, id={self.id!r})"

    async def send(self, for_id: str) -> None:
        """Offer it below the message or step `for_id`."""
        self._put(context.session, for_id)

    async def remove(self) -> None:
        """Take the button away for all readers."""
        session = self._session or context.session
        session.append(ActionRemoved(id=self.id))

    def _put(self, session: Session, for_id: str) -> None:
        if for_id not in session.state.steps:
            raise ValueError(f"There is no message or step `{for_id}` to offer `{self.name}` with.")
        session.append(self._event(for_id))
        self.forId = for_id
        self._session = session

    def _event(self, for_id: str) -> ActionPut:
        noun = ActionNoun(
            id=self.id,
            name=self.name,
            for_id=for_id,
            label=self.label,
            tooltip=self.tooltip,
            icon=self.icon,
            payload=msgspec.to_builtins(self.payload),
        )
        return ActionPut(action=noun)

    @classmethod
    def of_noun(cls, noun: ActionNoun, session: Session) -> Action:
        """The action that the log knows as `noun`."""
        action = cls(noun.name, noun.payload, noun.label, noun.tooltip, noun.icon, noun.id)
        action.forId = noun.for_id
        action._session = session
        return action

    def to_dict(self) -> ActionDict:
        """As a dict, in the shape of `ActionDict`."""
        return ActionDict(
            id=self.id,
            name=self.name,
            payload=self.payload,
            label=self.label,
            tooltip=self.tooltip,
            icon=self.icon,
            forId=self.forId,
        )
