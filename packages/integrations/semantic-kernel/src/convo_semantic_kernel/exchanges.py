"""Exchanges: what a service asks its model once, and what that answers."""

from __future__ import annotations

from typing import Any

from convo import ChatGeneration, CompletionGeneration
from convo.call import Answer, Exchange
from convo.exchanges import add_figures

from convo_semantic_kernel.convert import figures_of, message_of, messages_of, reason_of, settings_of, text_of, tools_of

__all__ = ["ChatServiceExchange", "TextServiceExchange"]


class _ServiceExchange(Exchange):
    """A stream's pieces, as its result, are lists of contents: one for each answer that was asked for."""

    def __init__(self, service: Any, settings: Any) -> None:
        self.model = getattr(settings, "ai_model_id", None) or service.ai_model_id
        self.name = self.model or type(service).__name__
        self.provider = str(getattr(service, "MODEL_PROVIDER_NAME", None) or type(service).__name__)
        self._figures: dict[str, Any] = {}
        self._answers: dict[int, _Answer] = {}

    def take(self, piece: Any) -> str | None:
        said: str | None = None
        for content in piece:
            self._figures |= figures_of(content)
            index = getattr(content, "choice_index", 0)
            text = self._answers.setdefault(index, _Answer()).take(content)
            if index == 0:
                said = text
        return said

    def _finish(self, result: Any) -> list[dict[str, Any]]:
        """The messages that came."""
        if result is None:
            messages = [answer.to_json() for _, answer in sorted(self._answers.items())]
            reasons = [answer.reason for answer in self._answers.values()]
        else:
            messages, reasons = [message_of(one) for one in result], [reason_of(one) for one in result]
            for content in result:
                self._figures |= figures_of(content)
        add_figures(self.generation, self._figures, finish_reason=next(iter(reasons), None))
        return messages


class _Answer:
    """One answer of a stream, put together."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._texts: list[str] = []
        self._calls: Any = None

    def take(self, content: Any) -> str | None:
        """The text of a piece; `None` where nothing is said."""
        self.reason = reason_of(content) or self.reason
        text = text_of(content)
        if text:
            self._texts.append(text)
        if not any(hasattr(item, "function_name") for item in getattr(content, "items", ())):
            return text or None
        self._calls = content if self._calls is None else self._calls + content
        return text

    def to_json(self) -> dict[str, Any]:
        message = {"role": "assistant", "content": "".join(self._texts)}
        return message if self._calls is None else message | message_of(self._calls)


class ChatServiceExchange(_ServiceExchange):
    def __init__(self, service: Any, history: Any, settings: Any) -> None:
        super().__init__(service, settings)
        messages = messages_of(history)
        self.input = messages
        self.generation: ChatGeneration = ChatGeneration(
            provider=self.provider,
            model=self.model,
            settings=settings_of(settings),
            tools=tools_of(settings),
            messages=messages,  # type: ignore[arg-type]  # as the provider writes them
        )

    def finish(self, result: Any) -> Answer:
        messages = self._finish(result)
        self.generation.message_completion = messages[0] if messages else None  # type: ignore[assignment]
        said = [message.get("content") or message.get("tool_calls") or "" for message in messages]
        return Answer(output=said if len(said) > 1 else next(iter(said), ""))


class TextServiceExchange(_ServiceExchange):
    def __init__(self, service: Any, prompt: str, settings: Any) -> None:
        super().__init__(service, settings)
        self.input = prompt
        self.generation: CompletionGeneration = CompletionGeneration(
            provider=self.provider, model=self.model, settings=settings_of(settings), prompt=prompt
        )

    def finish(self, result: Any) -> Answer:
        texts = [message["content"] for message in self._finish(result)]
        self.generation.completion = texts[0] if texts else None
        return Answer(output=texts if len(texts) > 1 else "".join(texts))
