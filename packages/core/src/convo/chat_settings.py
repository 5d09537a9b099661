"""Chat settings: a form beside the conversation, whose values belong to the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convo.context import context
from convo.input_widget import InputWidget, Tab
from convo.protocol import StateFields, StatePatched

__all__ = ["ChatSettings"]


class ChatSettings:
    """A form of widgets, or of `Tab`s of widgets.

    Its values are in `user_session.get("chat_settings")`, survive a resume, and come to `on_settings_update` when the
    user confirms the form. Raises `ValueError` when two widgets share an id.
    """

    def __init__(
        self, inputs: Sequence[InputWidget] | Sequence[Tab] = (), *, tabs: Sequence[Tab] | None = None
    ) -> None:
        self.inputs: list[InputWidget] | list[Tab] = list(inputs if tabs is None else tabs)  # type: ignore[assignment]  # of one kind, as is checked next
        if tabs is not None and inputs:
            raise ValueError("Chat settings have either `inputs` or `tabs`.")
        for item in [*self.inputs, *(one for tab in self.inputs if isinstance(tab, Tab) for one in tab.inputs)]:
            if not isinstance(item, Tab | InputWidget):
                raise TypeError(f"Chat settings are widgets of `convo.input_widget`, not a `{type(item).__name__}`.")
        if len({isinstance(item, Tab) for item in self.inputs}) > 1:
            raise ValueError("Chat settings are either all tabs or all widgets.")
        for ids in ([item.id for item in self.inputs], [widget.id for widget in self._widgets()]):
            twice = next((one for one in ids if ids.count(one) > 1), None)
            if twice is not None:
                raise ValueError(f"Two of the chat settings have the id `{twice}`.")

    async def send(self) -> dict[str, Any]:
        """Show the form with its initial values, and return them. Raises `NoContextError` outside a callback."""
        return self._show({})

    async def refresh(self) -> dict[str, Any]:
        """Show the form in place of the one that is there, with the values chosen so far where they still fit."""
        settings = context.session.state.fields.get("settings") or {}
        return self._show(settings.get("values") or {})

    def settings(self) -> dict[str, Any]:
        """The initial values."""
        return {widget.id: widget.initial for widget in self._widgets()}

    def _show(self, chosen: dict[str, Any]) -> dict[str, Any]:
        values = {widget.id: _fitting(widget, chosen) for widget in self._widgets()}
        key = "tabs" if self.inputs and isinstance(self.inputs[0], Tab) else "inputs"
        form = {key: [item.to_dict() for item in self.inputs], "values": values}
        context.session.append(StatePatched(set=StateFields(settings=form if self.inputs else None)))
        return dict(values)

    def _widgets(self) -> list[InputWidget]:
        return [widget for item in self.inputs for widget in (item.inputs if isinstance(item, Tab) else [item])]


def _fitting(widget: InputWidget, chosen: dict[str, Any]) -> Any:
    try:
        return widget.check(chosen[widget.id])
    except (KeyError, ValueError):
        return widget.initial
