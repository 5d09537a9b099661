"""`chat_context` as LlamaIndex's messages."""

from __future__ import annotations

from convo import chat_context
from llama_index.core.base.llms.types import ChatMessage, MessageRole

__all__ = ["chat_messages"]

_ROLES = {"user_message": MessageRole.USER, "system_message": MessageRole.SYSTEM}


def chat_messages(limit: int | None = None) -> list[ChatMessage]:
    """What was said on the branch that is being answered, the oldest first; with `limit`, only so many of the last.

    The message that is being answered is the last of them: a chat engine is given it apart, so leave it out there.
    """
    messages = [
        ChatMessage(role=_ROLES.get(message.type, MessageRole.ASSISTANT), content=message.content)
        for message in chat_context.get()
        if message.content
    ]
    return messages if limit is None else messages[max(0, len(messages) - limit) :]
