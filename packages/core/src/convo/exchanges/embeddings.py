"""Embeddings."""

from __future__ import annotations

import base64
from typing import Any

from convo.call import Answer, Exchange
from convo.exchanges.convert import add_figures, as_json
from convo.exchanges.request import Request
from convo.generation import CompletionGeneration
from convo.step import StepType

__all__ = ["EmbeddingsExchange"]


class EmbeddingsExchange(Exchange):
    type: StepType = "embedding"

    def __init__(self, request: Request) -> None:
        self.name = request.model or request.provider
        self.input = request.body.get("input")
        self.generation = CompletionGeneration(
            provider=request.provider, model=request.model, settings=request.settings("input")
        )

    def finish(self, result: Any) -> Answer:
        """How many vectors of what length came: nobody reads them."""
        if hasattr(result, "model_dump"):
            vectors = [one.embedding for one in result.data]
            usage = None if result.usage is None else as_json(result.usage)
            answer = {"model": result.model, "usage": usage}
        else:
            answer = as_json(result)
            vectors = [one["embedding"] for one in answer["data"]]
        add_figures(self.generation, answer)
        return Answer(output={"vectors": len(vectors), "dimensions": _length(vectors[0]) if vectors else 0})


def _length(vector: Any) -> int:
    return len(base64.b64decode(vector)) // 4 if isinstance(vector, str) else len(vector)
