"""Kernels keep the contract of all that is traced; here switched on by a setting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import convo
import pytest
from convo.testing import TracerSuite
from convo_semantic_kernel import uninstrument_semantic_kernel
from semantic_kernel import Kernel
from semantic_kernel.functions import KernelArguments, KernelFunctionFromPrompt

from tests.harness.kernel import kernel_with
from tests.harness.traced import ROUNDS


class TestSemanticKernel(TracerSuite):
    rounds = ROUNDS
    golden = (
        'tool chat-answer {"text": "hello"} → "HELLO"\n'
        '  llm loud (loud-0824 1+2) [{"role": "user", "content": "hello"}] → "HELLO"'
    )

    @pytest.fixture(autouse=True)
    def _undone(self) -> Iterator[None]:
        yield
        uninstrument_semantic_kernel()

    def create_app(self) -> convo.App:
        return convo.App({"debug": True, "integrations": {"semantic-kernel": True}})

    async def ask(self, text: str) -> str:
        return str(await _invoke(kernel_with(), text))

    def ask_blocking(self, text: str) -> str:
        return convo.run_sync(self.ask(text))

    async def stream(self, text: str) -> AsyncIterator[str]:
        pieces = answer().invoke_stream(kernel_with(), KernelArguments(text=text))
        async for piece in pieces:
            yield str(piece[0])

    async def fail(self, error: Exception) -> None:
        await _invoke(kernel_with(error=error), "hello")

    async def hang(self, reached: Callable[[], object]) -> None:
        await _invoke(kernel_with(reached=reached), "hello")


async def _invoke(kernel: Kernel, text: str) -> Any:
    return await answer().invoke(kernel, KernelArguments(text=text))


def answer() -> KernelFunctionFromPrompt:
    return KernelFunctionFromPrompt("answer", "chat", prompt="{{$text}}")
