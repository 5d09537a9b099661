"""Completions: the API before there were chats, which many servers still speak."""

from __future__ import annotations

from typing import Any

from convo import CompletionGeneration
from convo.call import Answer, Exchange
from convo.exchanges import Request, add_figures, as_json

__all__ = ["CompletionsExchange"]


class CompletionsExchange(Exchange):
    def __init__(self, request: Request) -> None:
        prompt = request.body.get("prompt")
        self.name = request.model or request.provider
        self.input = prompt
        self.generation: CompletionGeneration = CompletionGeneration(
            provider=request.provider,
            model=request.model,
            settings=request.settings("prompt"),
            prompt=prompt if isinstance(prompt, str) else None,
        )
        self._texts: list[str] = []
        self._about: dict[str, Any] = {}

    def take(self, piece: Any) -> str | None:
        said: str | None = None
        for choice in piece.choices:
            if choice.index == 0 and choice.text:
                said = choice.text
                self._texts.append(choice.text)
        if not self._about:
            self._about = {"id": piece.id, "model": piece.model}
        if piece.usage is not None:
            self._about["usage"] = as_json(piece.usage)
        return said

    def finish(self, result: Any) -> Answer:
        answer = self._about | {"choices": [{"text": "".join(self._texts)}]} if result is None else as_json(result)
        texts = [choice.get("text") or "" for choice in answer.get("choices") or []]
        add_figures(self.generation, answer)
        self.generation.completion = texts[0] if texts else None
        return Answer(output=texts if len(texts) > 1 else "".join(texts))
