"""`chat_context` as LangChain's messages, and back."""

from __future__ import annotations

from collections.abc import Iterable

from convo import Message, chat_context
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from convo_langchain.convert import message_text

__all__ = ["add_messages", "chat_messages"]

_TYPES = {"human": "user_message", "ai": "assistant_message", "system": "system_message"}


def chat_messages(limit: int | None = None) -> list[BaseMessage]:
    """What was said on the branch that is being answered, the oldest first; with `limit`, only so many of the last."""
    messages = [_of_message(message) for message in chat_context.get() if message.content]
    return messages if limit is None else messages[max(0, len(messages) - limit) :]


def _of_message(message: Message) -> BaseMessage:
    if message.type == "user_message":
        return HumanMessage(message.content, id=message.id)
    if message.type == "system_message":
        return SystemMessage(message.content, id=message.id)
    return AIMessage(message.content, id=message.id)


def add_messages(messages: Iterable[BaseMessage]) -> None:
    """Add messages to `chat_context` for the model's eyes only. Those of tools, and those without text, have no place.

    Messages that came from `chat_messages` are there already.
    """
    known = {message.id for message in chat_context.get()}
    for message in messages:
        kind, text = _TYPES.get(message.type.removesuffix("MessageChunk").lower()), message_text(message.content)
        if kind is not None and text and message.id not in known:
            chat_context.add(Message(text, type=kind))  # type: ignore[arg-type]  # one of `_TYPES`
