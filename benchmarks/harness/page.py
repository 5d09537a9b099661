"""Pages: what a target's page looks like to somebody who uses it, as CSS selectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["PAGES", "Page"]


@dataclass(frozen=True)
class Page:
    """`new_chat` is what to press, one after the other."""

    composer: str
    send: str
    answer: str
    new_chat: tuple[str, ...]


CONVO = Page("#composer", "button[aria-label^='Send']", "main .markdown", (".head-new",))

CHAINLIT = Page(
    "#chat-input",
    "#chat-submit",
    "[data-step-type='assistant_message'] .message-content",
    ("#new-chat-button", "#confirm"),
)

PAGES: Mapping[str, Page] = {"convo": CONVO, "chainlit": CHAINLIT}
