"""A model that says what a test wants: no key, no network, no bill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field


class FakeModel(BaseChatModel):
    """Says `answers` one after the other, word by word; one that is a dict calls the tool of that `name`.

    `heard` has what it was sent each time.
    """

    answers: list[str | dict[str, Any]] = Field(default_factory=list)
    heard: list[list[BaseMessage]] = Field(default_factory=list)
    streaming: bool = False

    @property
    def _llm_type(self) -> str:
        return "fake"

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        self.heard.append(messages)
        answer = self.answers.pop(0)
        return AIMessage(answer) if isinstance(answer, str) else AIMessage("", tool_calls=[{"id": "1", **answer}])

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> Iterator[ChatGenerationChunk]:
        answer = self._next(messages)
        yield ChatGenerationChunk(message=AIMessageChunk("", tool_calls=answer.tool_calls))
        for word in str(answer.content).split(" ") if answer.content else []:
            chunk = ChatGenerationChunk(message=AIMessageChunk(word + " "))
            if run_manager is not None:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk
