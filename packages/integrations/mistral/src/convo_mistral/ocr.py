"""Documents, read."""

from __future__ import annotations

from typing import Any

from convo import CompletionGeneration
from convo.call import Answer, Exchange
from convo.exchanges import Request, add_figures, as_json

__all__ = ["OcrExchange"]


class OcrExchange(Exchange):
    def __init__(self, request: Request) -> None:
        self.name = request.model or request.provider
        self.input = _shown(request.body.get("document"))
        self.generation: CompletionGeneration = CompletionGeneration(
            provider=request.provider, model=request.model, settings=request.settings("document")
        )

    def finish(self, result: Any) -> Answer:
        answer = as_json(result)
        add_figures(self.generation, answer, usage=answer.get("usage_info"))
        text = "\n\n".join(page.get("markdown") or "" for page in answer.get("pages") or [])
        self.generation.completion = text
        return Answer(output=text)


def _shown(document: Any) -> Any:
    """What is to be read, without its bytes."""
    if isinstance(document, dict):
        return {key: _shown(value) for key, value in document.items()}
    if isinstance(document, str) and document.startswith("data:"):
        return f"{document.partition(',')[0]},…"
    return document
