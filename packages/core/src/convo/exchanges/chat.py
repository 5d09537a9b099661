"""Chat completions, whole or put together from a stream."""

from __future__ import annotations

from typing import Any

from convo.call import Answer, Exchange
from convo.exchanges.convert import add_figures, as_json, content_text
from convo.exchanges.request import Request
from convo.generation import ChatGeneration

__all__ = ["ChatExchange"]


class ChatExchange(Exchange):
    def __init__(self, request: Request) -> None:
        messages = request.body.get("messages")
        self.name = request.model or request.provider
        self.input = messages
        self.generation: ChatGeneration = ChatGeneration(
            provider=request.provider,
            model=request.model,
            settings=request.settings("messages"),
            tools=request.tools,
            messages=list(messages) if isinstance(messages, list) else None,
        )
        self._choices: dict[int, _Choice] = {}
        self._about: dict[str, Any] = {}

    def take(self, piece: Any) -> str | None:
        said: str | None = None
        for choice in piece.choices:
            index = choice.index
            taken = self._choices.get(index)
            if taken is None:
                taken = self._choices[index] = _Choice()
                self._about |= {"id": piece.id, "model": piece.model}
            text = taken.take(choice)
            if index == 0:
                said = text
        if piece.usage is not None:
            self._about["usage"] = as_json(piece.usage)
        return said

    def finish(self, result: Any) -> Answer:
        if result is None:
            answer = self._about | {"choices": [one.to_json() for _, one in sorted(self._choices.items())]}
        else:
            answer = as_json(result)
        choices = answer.get("choices") or []
        messages = [choice.get("message") or {} for choice in choices]
        first = dict(messages[0]) if messages else {}
        if isinstance(first.get("audio"), dict):
            first["audio"] = {key: value for key, value in first["audio"].items() if key != "data"}
        reason = choices[0].get("finish_reason") if choices else None
        add_figures(self.generation, answer, finish_reason=reason)
        # What is not there is left out, as is what the SDK adds of its own.
        self.generation.message_completion = {  # type: ignore[assignment]  # as the provider writes it
            key: value for key, value in first.items() if value not in (None, []) and key != "parsed"
        } or None
        if len(messages) > 1:
            return Answer(output=[_said(message) for message in messages])
        return Answer(output=_said(first))


def _said(message: dict[str, Any]) -> Any:
    """What a message says, as text; of one that only calls tools, the calls."""
    return (
        content_text(message.get("content"))
        or (message.get("audio") or {}).get("transcript")
        or message.get("tool_calls")
        or message.get("function_call")
        or message.get("refusal")
        or ""
    )


class _Choice:
    """One answer of a stream, put together."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._calls: dict[int, dict[str, Any]] = {}
        self._function: dict[str, str] = {}
        self._reason: str | None = None
        self._role = "assistant"

    def take(self, choice: Any) -> str | None:
        """The text of a piece; `None` where nothing is said."""
        delta = choice.delta
        said: str | None = None
        if choice.finish_reason is not None:
            self._reason = choice.finish_reason
        if delta is None:
            return None
        if delta.role:
            self._role = delta.role
        if delta.content:
            said = delta.content if isinstance(delta.content, str) else self._take_parts(delta.content)
            self._add("content", said)
        if refusal := getattr(delta, "refusal", None):
            said = (said or "") + refusal
            self._add("refusal", refusal)
        for call in delta.tool_calls or ():
            said = said or ""
            self._take_call(call)
        if getattr(delta, "function_call", None) is not None:
            said = said or ""
            for key, value in as_json(delta.function_call).items():
                self._function[key] = self._function.get(key, "") + (value or "")
        if delta.model_extra or getattr(delta, "audio", None):
            said = self._take_more(delta, said)
        return said

    def _take_parts(self, content: Any) -> str:
        """The text of what comes in parts. What is thought is kept, too."""
        parts = [as_json(part) for part in content]
        for part in parts:
            if thought := content_text(part.get("thinking")):
                self._add("thinking", thought)
        return content_text(parts)

    def _take_call(self, call: Any) -> None:
        taken = self._calls.setdefault(call.index, {"id": None, "type": "function"})
        for key, value in as_json(call).items():
            if isinstance(value, dict):  # what is called, and with what: it comes in pieces
                inner = taken.setdefault(key, {})
                for name, text in value.items():
                    inner[name] = inner.get(name, "") + text if isinstance(text, str) else text
            elif key != "index" and value is not None:
                taken[key] = value

    def _take_more(self, delta: Any, said: str | None) -> str | None:
        """What servers that speak the API add of their own: their models' reasoning. And what is spoken."""
        for name, value in (delta.model_extra or {}).items():
            if isinstance(value, str) and value:
                said = said or ""
                self._add(name, value)
        audio = getattr(delta, "audio", None)
        transcript = None if audio is None else as_json(audio).get("transcript")
        if transcript:
            self._add("transcript", transcript)
            said = (said or "") + transcript
        return said

    def _add(self, name: str, text: str) -> None:
        self._texts.setdefault(name, []).append(text)

    def to_json(self) -> dict[str, Any]:
        """As the API writes it when it does not stream."""
        message: dict[str, Any] = {"role": self._role} | {name: "".join(one) for name, one in self._texts.items()}
        if transcript := message.pop("transcript", None):
            message["audio"] = {"transcript": transcript}
        if self._calls:
            message["tool_calls"] = [call for _, call in sorted(self._calls.items())]
        if self._function:
            message["function_call"] = self._function
        return {"message": message, "finish_reason": self._reason}
