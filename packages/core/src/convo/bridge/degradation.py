"""Degradations: what an app uses that a chat platform shows otherwise, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import UNSET

from convo.protocol import CallOpened, ElementPut, Event, StatePatched, Toast
from convo.state import ThreadState

__all__ = ["COMMON", "degraded_by", "degraded_in"]

COMMON: Mapping[str, str] = {
    "AskElementMessage": "as a link to the web app",
    "ChatSettings": "not at all",
    "CopilotFunction": "not at all: there is no page around the chat",
    "CustomElement": "as a link to the web app",
    "ElementSidebar": "not at all",
    "Plotly": "as a page in a file",
    "on_audio_chunk": "not at all: voice comes as files",
    "on_window_message": "not at all: there is no page around the chat",
    "send_toast": "not at all",
    "set_modes": "not at all: messages have the default of each",
    "set_starters": "not at all",
}
"""How platforms show what they cannot show as the web app does, by the name in `convo`."""

_ELEMENTS = {"custom": "CustomElement", "plotly": "Plotly"}
_FIELDS = {"settings": "ChatSettings", "sidebar": "ElementSidebar", "modes": "set_modes"}


def degraded_by(event: Event) -> Iterator[str]:
    """The names in `convo` of what an event shows that platforms do not show as it is."""
    match event:
        case Toast():
            yield "send_toast"
        case CallOpened():
            yield "CopilotFunction"
        case ElementPut() if event.element.type in _ELEMENTS:
            yield _ELEMENTS[event.element.type]
        case StatePatched():
            yield from (name for field, name in _FIELDS.items() if getattr(event.set, field) not in (UNSET, None))


def degraded_in(state: ThreadState) -> Iterator[str]:
    """The same of a whole thread."""
    yield from (_ELEMENTS[one.type] for one in state.elements.values() if one.type in _ELEMENTS)
    yield from (name for field, name in _FIELDS.items() if state.fields.get(field) is not None)
