"""`chat_context`: the messages of the branch a callback answers, as a model wants them."""

from __future__ import annotations

from collections.abc import Container

from convo.context import context
from convo.message import Message

__all__ = ["ChatContext", "chat_context"]

_ROLES = {"user_message": "user", "assistant_message": "assistant", "system_message": "system"}


class ChatContext:
    """Follows the tip of the running callback: read from the log, so it is right after an edit and after a resume."""

    def get(self) -> list[Message]:
        """The messages up to here, the oldest first. Raises `NoContextError` outside a callback."""
        session = context.session
        edits: _Edits = session.values.get(_KEY) or _Edits()
        shown: list[Message] = []
        for step in session.state.walk(_tip()):
            shown += edits.after(step.id)[::-1]
            if step.id == edits.cleared_at:
                return shown[::-1] + edits.astray(session.state.steps)
            if step.id not in edits.removed:
                shown.append(Message.of_step(step, session))
        shown += edits.after(None)[::-1]
        return shown[::-1] + edits.astray(session.state.steps)

    def add(self, message: Message) -> Message:
        """Add a message for the model's eyes only, after what was said so far. One that was sent is there already."""
        if not isinstance(message, Message):
            raise TypeError(f"What is added is a `Message`, not a `{type(message).__name__}`.")
        if message.id not in context.session.state.steps:
            self._edits().added.append((_tip(), message))
        return message

    def remove(self, message: Message) -> bool:
        """Leave a message out; whether it was in."""
        edits = self._edits()
        if any(message is known for _, known in edits.added):
            edits.added = [item for item in edits.added if item[1] is not message]
            return True
        is_in = any(known.id == message.id for known in self.get())
        edits.removed.add(message.id)
        return is_in

    def clear(self) -> None:
        """Forget all messages up to here."""
        edits = self._edits()
        edits.cleared_at = tip = _tip()
        known = context.session.state.steps
        edits.added = [item for item in edits.added if item[0] != tip and (item[0] is None or item[0] in known)]

    def to_openai(self) -> list[dict[str, str]]:
        """As OpenAI's chat messages: `[{"role": "user", "content": "…"}, …]`."""
        return [{"role": _ROLES[message.type], "content": message.content} for message in self.get()]

    def _edits(self) -> _Edits:
        edits: _Edits = context.session.values.setdefault(_KEY, _Edits())
        return edits


def _tip() -> str | None:
    """The message up to which everything is said."""
    run = context.current_run
    return run.tip if run is not None and run.tip is not None else context.session.state.leaf


class _Edits:
    """What an author changed about a session's context."""

    def __init__(self) -> None:
        self.added: list[tuple[str | None, Message]] = []  # with the message each follows: it is on that branch alone
        self.removed: set[str] = set()
        self.cleared_at: str | None = None

    def after(self, message_id: str | None) -> list[Message]:
        return [message for prior, message in self.added if prior == message_id]

    def astray(self, known: Container[str]) -> list[Message]:
        """Those whose place was removed from the thread: they stand at the end."""
        return [message for prior, message in self.added if prior is not None and prior not in known]


_KEY = "chat_context"

chat_context = ChatContext()
