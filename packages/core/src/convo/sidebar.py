"""The element sidebar: a panel that an app opens beside the chat."""

from __future__ import annotations

from convo.context import context
from convo.element import Element, store_all
from convo.protocol import ElementRemoved, Json, StateFields, StatePatched, new_id
from convo.session import Session

__all__ = ["ElementSidebar"]


class ElementSidebar:
    """The one panel of a chat. What stands in it is state: it survives a reload, and every tab shows it.

    A reader may close it for himself; it opens again for him with what `set_elements` shows next.
    """

    @staticmethod
    async def set_title(title: str) -> None:
        """Name the panel; one that is closed opens, without elements yet."""
        if not isinstance(title, str):
            raise TypeError(f"The sidebar's `title` is a text, not a `{type(title).__name__}`.")
        session = context.session
        shown = _shown(session) or {"id": new_id(), "elements": [], "key": None}
        _show(session, shown | {"title": title})

    @staticmethod
    async def set_elements(elements: list[Element], key: str | None = None) -> None:
        """Show these elements in the panel, and open it. None close it, and its title goes with it.

        While the panel is open with the same `key`, it stays as it is.
        """
        session = context.session
        before = _shown(session) or {}
        if elements and key is not None and before.get("key") == key and before.get("elements"):
            return
        await store_all(session, elements)
        for element in elements:
            element._put(session, element.for_id)
        ids: list[Json] = [element.id for element in elements]
        panel: dict[str, Json] = {"id": new_id(), "title": before.get("title", ""), "elements": ids, "key": key}
        _show(session, panel if elements else None)
        for gone in before.get("elements", ()):
            noun = session.state.elements.get(gone)
            if gone not in ids and noun is not None and noun.for_id is None:
                session.append(ElementRemoved(id=gone))


def _shown(session: Session) -> dict[str, Json] | None:
    shown: dict[str, Json] | None = session.state.fields.get("sidebar")
    return shown


def _show(session: Session, panel: dict[str, Json] | None) -> None:
    session.append(StatePatched(set=StateFields(sidebar=panel)))
