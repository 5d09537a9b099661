"""Images: made, edited and varied."""

from __future__ import annotations

import base64
from typing import Any

from convo import CompletionGeneration, Image
from convo.call import Answer, Exchange
from convo.exchanges import Request, add_figures, as_json

__all__ = ["ImagesExchange"]


class ImagesExchange(Exchange):
    def __init__(self, request: Request) -> None:
        prompt = request.body.get("prompt")
        self.name = request.model or request.provider
        self.input = {"prompt": prompt, "files": request.files} if request.files else prompt
        self.generation: CompletionGeneration = CompletionGeneration(
            provider=request.provider,
            model=request.model,
            settings=request.settings("prompt"),
            prompt=prompt if isinstance(prompt, str) else None,
        )
        self._made: list[dict[str, Any]] = []
        self._usage: dict[str, Any] | None = None

    def take(self, piece: Any) -> str | None:
        if piece.type.endswith(".completed"):
            self._made.append({"b64_json": piece.b64_json})
            self._usage = None if piece.usage is None else as_json(piece.usage)
        return ""

    def finish(self, result: Any) -> Answer:
        made_here: dict[str, Any] = {"data": self._made, "usage": self._usage}
        answer = made_here if result is None else as_json(result)
        made = answer.get("data") or []
        add_figures(self.generation, answer)
        kind = answer.get("output_format") or (self.generation.settings or {}).get("output_format") or "png"
        images = [
            Image(name=f"image-{number}.{kind}", content=base64.b64decode(one["b64_json"]), display="inline")
            for number, one in enumerate(made, 1)
            if one.get("b64_json")
        ]
        told = [{key: value for key, value in one.items() if key != "b64_json" and value} for one in made]
        return Answer(output=told if any(told) else f"{len(made)} images", elements=images)
