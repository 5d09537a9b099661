"""Spans of a real framework keep the contract of all that is traced: agents of pydantic-ai with fake models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from convo.testing import TracerSuite, draw_tree
from convo_otel import ConvoSpanProcessor
from opentelemetry.sdk.trace import TracerProvider
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.usage import RequestUsage

from tests.harness.traced import ROUNDS

Answer = Callable[[str], Awaitable[str]]


async def loud(text: str) -> str:
    return text.upper()


class TestPydanticAI(TracerSuite):
    rounds = ROUNDS
    golden = 'run helper "hello" → "HELLO"\n  llm loud (loud 3+4) → "HELLO"'

    @pytest.fixture(autouse=True)
    def _provider(self, provider: TracerProvider) -> None:
        provider.add_span_processor(ConvoSpanProcessor())
        self.settings = InstrumentationSettings(tracer_provider=provider)

    def agent(self, answer: Answer = loud) -> Agent[None, str]:
        async def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            part: Any = messages[-1].parts[-1]
            return ModelResponse(
                parts=[TextPart(await answer(part.content))], usage=RequestUsage(input_tokens=3, output_tokens=4)
            )

        agent = Agent(FunctionModel(respond, model_name="loud"), name="helper")
        agent.instrument = self.settings
        return agent

    async def ask(self, text: str) -> str:
        return (await self.agent().run(text)).output

    def ask_blocking(self, text: str) -> str:
        return asyncio.run(self.ask(text))

    async def fail(self, error: Exception) -> None:
        async def broken(text: str) -> str:
            raise error

        await self.agent(broken).run("hello")

    async def hang(self, reached: Callable[[], object]) -> None:
        async def stuck(text: str) -> str:
            reached()
            await asyncio.Event().wait()
            return text

        await self.agent(stuck).run("hello")

    async def test_text_is_shown_as_it_comes(self) -> None:
        """A span says nothing before its end: a text that was streamed is shown when it is whole."""

        async def respond(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
            for piece in "HELLO":
                yield piece

        async def work() -> None:
            agent = Agent(FunctionModel(stream_function=respond, model_name="loud"), name="helper")
            agent.instrument = self.settings
            async with agent.run_stream("hello") as answer:
                assert await answer.get_output() == "HELLO"

        reply = await self._reply(work)

        assert draw_tree(reply.steps) == self.golden.replace("3+4", "50+5")  # of a stream, pydantic-ai counts itself
