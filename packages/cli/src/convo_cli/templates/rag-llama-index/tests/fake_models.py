"""Models that need no key and no network: one that says what a test wants, and one that compares words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.llms.types import CompletionResponse, LLMMetadata
from llama_index.core.llms import CustomLLM
from llama_index.core.llms.callbacks import llm_completion_callback
from pydantic import Field

SIZE = 256


class FakeModel(CustomLLM):
    """Says `answers` one after the other, word by word. `heard` has what it was asked each time."""

    answers: list[str] = Field(default_factory=list)
    heard: list[str] = Field(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="fake", is_chat_model=True)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        self.heard.append(prompt)
        return CompletionResponse(text=self.answers.pop(0))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Iterator[CompletionResponse]:
        self.heard.append(prompt)
        words = self.answers.pop(0).split(" ")
        for number, word in enumerate(words, 1):
            yield CompletionResponse(text=" ".join(words[:number]), delta=word if number == 1 else f" {word}")


class FakeEmbedding(BaseEmbedding):
    """Texts are near each other when they have words in common."""

    def _vector(self, text: str) -> list[float]:
        vector = [0.01] * SIZE
        for word in text.lower().split():
            vector[sum(word.strip(".,?!`*#").encode()) % SIZE] += 1
        return vector

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._vector(text)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._vector(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._vector(query)
