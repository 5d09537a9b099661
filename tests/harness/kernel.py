"""What kernels of Semantic Kernel are given: a service whose model answers in capitals, and functions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import convo
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.contents import ChatMessageContent, StreamingChatMessageContent
from semantic_kernel.functions import kernel_function

__all__ = ["Loud", "Tools", "kernel_with"]


class Loud(ChatCompletionClientBase):
    error: Exception | None = None
    reached: Callable[[], object] | None = None

    async def _inner_get_chat_message_contents(self, chat_history: Any, settings: Any) -> list[ChatMessageContent]:
        text = await self._said(chat_history)
        return [ChatMessageContent(role="assistant", content=text, ai_model_id="loud-0824", metadata=USAGE)]  # type: ignore[call-overload]

    async def _inner_get_streaming_chat_message_contents(
        self, chat_history: Any, settings: Any, function_invoke_attempt: int = 0
    ) -> AsyncGenerator[list[StreamingChatMessageContent], Any]:
        for letter in await self._said(chat_history):
            yield [StreamingChatMessageContent(role="assistant", content=letter, choice_index=0)]  # type: ignore[call-overload]

    async def _said(self, history: Any) -> str:
        if self.error is not None:
            raise self.error
        if self.reached is not None:
            self.reached()
            await asyncio.Event().wait()
        return str(history.messages[-1].content).upper()


USAGE = {"usage": {"prompt_tokens": 1, "completion_tokens": 2}}


def kernel_with(**options: Any) -> Kernel:
    return Kernel(services=Loud(ai_model_id="loud", **options))


class Tools:
    @kernel_function(description="The weather in a city.")
    async def weather(self, city: str) -> str:
        async with convo.Step("Looking"):
            return f"sunny in {city}"

    @kernel_function
    async def broken(self) -> str:
        raise LookupError("it is broken")

    @kernel_function
    async def letters(self) -> AsyncGenerator[str, Any]:
        for letter in "abc":
            yield letter
