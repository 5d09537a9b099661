"""`chat_context`: the messages of the branch a callback answers, as a model wants them."""

from __future__ import annotations

from convo.context import context
from convo.message import Message

__all__ = ["ChatContext", "chat_context"]

_ROLES = {"user_message": "user", "assistant_message": "assistant", "system_message": "system"}


class ChatContext:
    """Follows the tip of the running callback: read from the log, so it is right after an edit and after a resume."""

    def get(self) -> list[Message]:
        """The messages up to here, the oldest first. Raises `NoContextError` outside a callback."""
        session, run = context.session, context.current_run
        tip = run.tip if run is not None and run.tip is not None else session.state.leaf
        values: _Edits = session.values.get(_KEY) or _Edits()
        shown = []
        for step in session.state.walk(tip):
            if step.id == values.cleared_at:
                break
            if step.id not in values.removed:
                shown.append(Message.of_step(step, session))
        return shown[::-1] + values.added

    def add(self, message: Message) -> Message:
        """Add a message for the model's eyes only, at the end. One that was sent is there already."""
        session = context.session
        if message.id not in session.state.steps:
            self._edits().added.append(message)
        return message

    def remove(self, message: Message) -> bool:
        """Leave a message out; whether it was in."""
        edits = self._edits()
        if message in edits.added:
            edits.added.remove(message)
            return True
        is_in = any(known.id == message.id for known in self.get())
        edits.removed.add(message.id)
        return is_in

    def clear(self) -> None:
        """Forget all messages up to here."""
        edits = self._edits()
        run = context.current_run
        edits.cleared_at = run.tip if run is not None and run.tip is not None else context.session.state.leaf
        edits.added.clear()
        edits.removed.clear()

    def to_openai(self) -> list[dict[str, str]]:
        """As OpenAI's chat messages: `[{"role": "user", "content": "…"}, …]`."""
        return [{"role": _ROLES[message.type], "content": message.content} for message in self.get()]

    def _edits(self) -> _Edits:
        edits: _Edits = context.session.values.setdefault(_KEY, _Edits())
        return edits


class _Edits:
    """What an author changed about a session's context."""

    def __init__(self) -> None:
        self.added: list[Message] = []
        self.removed: set[str] = set()
        self.cleared_at: str | None = None


_KEY = "chat_context"

chat_context = ChatContext()
