"""Responses: the API of answers that are made of items."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from convo import ChatGeneration, Element, GenerationMessage, Image
from convo.call import Answer, Exchange
from convo.exchanges import Request, add_figures, as_json, content_text

__all__ = ["ResponsesExchange"]

_LAST = ("response.completed", "response.incomplete", "response.failed")


class ResponsesExchange(Exchange):
    def __init__(self, request: Request) -> None:
        asked = request.body.get("input")
        self.name = request.model or request.provider
        self.input = asked
        self.generation: ChatGeneration = ChatGeneration(
            provider=request.provider,
            model=request.model,
            settings=request.settings("input", "instructions"),
            tools=request.tools,
            messages=_messages(request.body.get("instructions"), asked),
        )
        self._texts: list[str] = []
        self._whole: Any = None
        self._error: str | None = None

    def take(self, piece: Any) -> str | None:
        kind = piece.type
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            self._texts.append(piece.delta)
            return str(piece.delta)
        if kind in _LAST:
            self._whole = piece.response
        elif kind == "error":
            self._error = str(piece.message)
        return "" if kind.endswith(".delta") else None

    def finish(self, result: Any) -> Answer:
        result = self._whole if result is None else result
        if result is None:
            self.generation.message_completion = GenerationMessage(role="assistant", content="".join(self._texts))
            return Answer(error=self._error)
        answer = as_json(result)
        incomplete = answer.get("incomplete_details") or {}
        add_figures(self.generation, answer, status=answer.get("status"), incomplete=incomplete.get("reason"))
        message, elements = _completion(answer.get("output") or [])
        self.generation.message_completion = message
        error = (answer.get("error") or {}).get("message") if answer.get("status") == "failed" else None
        output = message.get("content") or message.get("tool_calls") or answer.get("status") or ""
        return Answer(output=output, error=error or self._error, elements=elements)


def _messages(instructions: Any, asked: Any) -> list[GenerationMessage]:
    """What was asked, as a chat's messages."""
    messages = [] if not instructions else [GenerationMessage(role="system", content=instructions)]
    if isinstance(asked, str):
        return [*messages, GenerationMessage(role="user", content=asked)]
    return messages + [_message(item) for item in asked or [] if isinstance(item, Mapping)]


def _message(item: Mapping[str, Any]) -> GenerationMessage:
    kind = item.get("type")
    if item.get("role"):
        return GenerationMessage(role=item["role"], content=item.get("content"))
    if kind == "function_call":
        return GenerationMessage(role="assistant", tool_calls=[_call(item)])
    if kind == "function_call_output":
        return GenerationMessage(role="tool", tool_call_id=item.get("call_id"), content=item.get("output"))
    return GenerationMessage(role=str(kind), content=dict(item))


def _call(item: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": item.get("name"), "arguments": item.get("arguments")}
    return {"id": item.get("call_id"), "type": "function", "function": function}


def _completion(items: list[dict[str, Any]]) -> tuple[GenerationMessage, list[Element]]:
    """An answer's items as one message, and what it made. Items that a chat does not know stand by themselves."""
    texts, calls, reasoning, others = [], [], [], []
    elements: list[Element] = []
    for item in items:
        kind = item.get("type")
        if kind == "message":
            texts.append(content_text(item.get("content")))
        elif kind == "function_call":
            calls.append(_call(item))
        elif kind == "reasoning":
            reasoning += [content_text(item.get("summary")), content_text(item.get("content"))]
        elif kind == "image_generation_call" and item.get("result"):
            image = base64.b64decode(item["result"])
            elements.append(Image(name=f"image-{len(elements) + 1}", content=image, display="inline"))
            others.append({key: value for key, value in item.items() if key != "result"})
        else:
            others.append(item)
    more = {"tool_calls": calls, "reasoning": "\n\n".join(filter(None, reasoning)), "items": others}
    message = {"role": "assistant", "content": "".join(texts)} | {name: found for name, found in more.items() if found}
    return message, elements  # type: ignore[return-value]  # as the provider writes it, and more
