"""A model that answers in capitals, in words, with figures: as LangChain sees those of providers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


class Loud(BaseChatModel):
    """Answers the last message in capitals, or with `script`, one after the other; or raises, or waits for ever."""

    model_name: str = "loud-1"
    temperature: float = 0.5
    api_key: str = "sk-not-to-be-shown"
    error: Any = None
    reached: Any = None
    script: Any = None

    @property
    def _llm_type(self) -> str:
        return "loud"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, "temperature": self.temperature, "api_key": self.api_key}

    def bind_tools(self, tools: Any, **options: Any) -> Any:
        return self.bind(tools=[{"type": "function", "function": {"name": tool.name}} for tool in tools])

    def _answer(self, messages: list[BaseMessage]) -> AIMessage:
        if self.error is not None:
            raise self.error
        if self.script is not None:
            answer = next(self.script)
            return answer if isinstance(answer, AIMessage) else AIMessage(answer)
        text = str(messages[-1].content)
        return AIMessage(text.upper(), usage_metadata=_usage(text), response_metadata={"model_name": "loud-1-0824"})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._answer(messages))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        await asyncio.sleep(0)
        if self.reached is not None:
            self.reached()
            await asyncio.Event().wait()
        return self._generate(messages)


class Streaming(Loud):
    """The same, letter by letter."""

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        answer = self._answer(messages)
        text = str(answer.content)
        for letter in text:
            chunk = ChatGenerationChunk(message=AIMessageChunk(letter))
            if run_manager is not None:
                run_manager.on_llm_new_token(letter, chunk=chunk)
            yield chunk
        yield ChatGenerationChunk(
            message=AIMessageChunk("", usage_metadata=_usage(text), response_metadata={"model_name": "loud-1-0824"})
        )

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages):
            if run_manager is not None and chunk.text:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk
            await asyncio.sleep(0)


def _usage(text: str) -> UsageMetadata:
    return UsageMetadata(input_tokens=len(text.split()), output_tokens=7, total_tokens=len(text.split()) + 7)
