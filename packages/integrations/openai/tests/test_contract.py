"""The SDK keeps the contract of all that is traced; here switched on by a setting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import openai
import pytest
from convo_openai import uninstrument_openai

from tests.harness.model_server import ModelServer
from tests.harness.traced import ClientSuite, said

MODEL = "gpt-4o"


class TestOpenAI(ClientSuite):
    integration = "openai"
    golden = (
        'llm gpt-4o (gpt-4o-0824 1+2) [{"role": "user", "content": "hello"}] → "HELLO"\n'
        'llm gpt-4o (gpt-4o-0824 1+2) "hello" → "HELLO"'
    )

    @pytest.fixture(autouse=True)
    def _client(self, server: ModelServer, client: openai.AsyncOpenAI, blocking: openai.OpenAI) -> Iterator[None]:
        self.server, self.client, self.blocking = server, client, blocking
        yield
        uninstrument_openai()

    async def call(self, text: str) -> object:
        return await self.client.chat.completions.create(model=MODEL, messages=said(text))

    async def call_another(self, text: str) -> str:
        return (await self.client.responses.create(model=MODEL, input=text)).output_text

    def ask_blocking(self, text: str) -> str:
        self.blocking.chat.completions.create(model=MODEL, messages=said(text))
        return self.blocking.responses.create(model=MODEL, input=text).output_text

    async def stream(self, text: str) -> AsyncIterator[str]:
        stream = await self.client.chat.completions.create(model=MODEL, messages=said(text), stream=True)
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content
