"""Chats: with models and with agents, and what fills in the middle of code, which answers in the same format."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from convo.exchanges import ChatExchange, Request

__all__ = ["AgentExchange", "FillExchange", "StreamedChatExchange"]


class StreamedChatExchange(ChatExchange):
    def take(self, piece: Any) -> str | None:
        return super().take(piece.data)


class AgentExchange(StreamedChatExchange):
    """An agent is asked, which knows its model."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.name = str(request.body.get("agent_id") or self.name)


class FillExchange(StreamedChatExchange):
    """What comes after a prompt, and before a suffix."""

    def __init__(self, request: Request) -> None:
        body = dict(request.body)
        prompt = body.pop("prompt", None)
        super().__init__(replace(request, body=body | {"messages": [{"role": "user", "content": prompt}]}))
        self.input = {"prompt": prompt, "suffix": body["suffix"]} if body.get("suffix") else prompt
