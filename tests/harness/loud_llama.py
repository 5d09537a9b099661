"""A model that answers in capitals, letter by letter, with figures: as LlamaIndex sees those of providers."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.tools import ToolSelection


class Loud(FunctionCallingLLM):
    """Answers the last message in capitals, or with `script`, one after the other; or raises, or waits for ever."""

    model: str = "loud-1"
    temperature: float = 0.5
    api_key: str = "sk-not-to-be-shown"
    error: Any = None
    reached: Any = None
    script: Any = None

    @classmethod
    def class_name(cls) -> str:
        return "Loud"

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name=self.model, is_chat_model=True, is_function_calling_model=True)

    def _answer(self, text: str) -> ChatResponse:
        if self.error is not None:
            raise self.error
        answer = text.upper() if self.script is None else next(self.script)
        message = answer if isinstance(answer, ChatMessage) else ChatMessage(answer, role=MessageRole.ASSISTANT)
        return ChatResponse(message=message, raw=_raw(text))

    def _pieces(self, text: str) -> Generator[ChatResponse, None, None]:
        answer = self._answer(text)
        said = answer.message.content or ""
        if not said:
            yield answer
        for number, letter in enumerate(said, 1):
            is_last = number == len(said)
            message = ChatMessage(said[:number], role=MessageRole.ASSISTANT)
            yield ChatResponse(message=message, delta=letter, raw=_raw(text) if is_last else None)

    async def _pieces_async(self, text: str) -> AsyncGenerator[ChatResponse, None]:
        await self._wait()
        for piece in self._pieces(text):
            yield piece
            await asyncio.sleep(0)

    async def _wait(self) -> None:
        await asyncio.sleep(0)
        if self.reached is not None:
            self.reached()
            await asyncio.Event().wait()

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        return self._answer(messages[-1].content or "")

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        await self._wait()
        return self._answer(messages[-1].content or "")

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> Generator[ChatResponse, None, None]:
        return self._pieces(messages[-1].content or "")

    @llm_chat_callback()
    async def astream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> AsyncGenerator[ChatResponse, None]:
        return self._pieces_async(messages[-1].content or "")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        answer = self._answer(prompt)
        return CompletionResponse(text=answer.message.content or "", raw=answer.raw)

    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        await self._wait()
        answer: CompletionResponse = self.complete(prompt)
        return answer

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> Generator[CompletionResponse, None, None]:
        return (_completion(piece) for piece in self._pieces(prompt))

    @llm_completion_callback()
    async def astream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> AsyncGenerator[CompletionResponse, None]:
        return (_completion(piece) async for piece in self._pieces_async(prompt))

    def _prepare_chat_with_tools(
        self,
        tools: Sequence[Any],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,
        allow_parallel_tool_calls: bool = False,
        tool_required: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        messages = list(chat_history or ())
        if user_msg is not None:
            messages.append(ChatMessage(user_msg) if isinstance(user_msg, str) else user_msg)
        return {"messages": messages, "tools": [tool.metadata.to_openai_tool() for tool in tools]}

    def get_tool_calls_from_response(
        self, response: ChatResponse, error_on_no_tool_call: bool = True, **kwargs: Any
    ) -> list[ToolSelection]:
        return list(response.message.additional_kwargs.get("tool_calls", ()))


def calling(name: str, **arguments: Any) -> ChatMessage:
    """An answer that calls a tool."""
    call = ToolSelection(tool_id="call-1", tool_name=name, tool_kwargs=arguments)
    return ChatMessage("", role=MessageRole.ASSISTANT, additional_kwargs={"tool_calls": [call]})


def _completion(piece: ChatResponse) -> CompletionResponse:
    return CompletionResponse(text=piece.message.content or "", delta=piece.delta, raw=piece.raw)


def _raw(text: str) -> dict[str, Any]:
    words = len(text.split())
    usage = {"prompt_tokens": words, "completion_tokens": 7, "total_tokens": words + 7}
    return {"model": "loud-1-0824", "usage": usage}
