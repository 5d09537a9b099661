"""The element sidebar: a panel that an app opens beside the chat."""

from __future__ import annotations

from convo.context import context
from convo.element import Element, store_all
from convo.protocol import ElementRemoved, StateFields, StatePatched

__all__ = ["ElementSidebar"]


class ElementSidebar:
    """The one panel of a chat. What stands in it is state: it survives a reload, and every tab shows it."""

    @staticmethod
    async def set_title(title: str) -> None:
        """Name the panel."""
        if not isinstance(title, str):
            raise TypeError(f"The sidebar's `title` is a text, not a `{type(title).__name__}`.")
        session = context.session
        shown = session.state.fields.get("sidebar") or {}
        session.append(StatePatched(set=StateFields(sidebar=shown | {"title": title})))

    @staticmethod
    async def set_elements(elements: list[Element], key: str | None = None) -> None:
        """Show these elements, and open the panel; none closes it.

        With the `key` that it was opened with last, it stays closed if its reader has closed it.
        """
        session = context.session
        shown = session.state.fields.get("sidebar") or {}
        await store_all(session, elements)
        for element in elements:
            element._put(session, None)
        ids = [element.id for element in elements]
        session.append(StatePatched(set=StateFields(sidebar=shown | {"elements": ids, "key": key})))
        for gone in set(shown.get("elements", ())) - set(ids):
            session.append(ElementRemoved(id=gone))
