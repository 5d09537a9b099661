"""The SDK keeps the contract of all that is traced; here switched on by a setting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from convo_mistral import uninstrument_mistralai

from tests.harness.model_server import ModelServer
from tests.harness.traced import ClientSuite, said

MODEL = "mistral-small"
AGENT = "ag_1"


class TestMistral(ClientSuite):
    integration = "mistral"
    golden = (
        'llm mistral-small (mistral-small-0824 1+2) [{"role": "user", "content": "hello"}] → "HELLO"\n'
        'llm ag_1 (mistral-agent-0824 1+2) [{"role": "user", "content": "hello"}] → "HELLO"'
    )

    @pytest.fixture(autouse=True)
    def _client(self, server: ModelServer, client: Any) -> Iterator[None]:
        self.server, self.client = server, client
        yield
        uninstrument_mistralai()

    async def call(self, text: str) -> object:
        return await self.client.chat.complete_async(model=MODEL, messages=said(text))

    async def call_another(self, text: str) -> str:
        answer = await self.client.agents.complete_async(agent_id=AGENT, messages=said(text))
        return str(answer.choices[0].message.content)

    def ask_blocking(self, text: str) -> str:
        self.client.chat.complete(model=MODEL, messages=said(text))
        answer = self.client.agents.complete(agent_id=AGENT, messages=said(text))
        return str(answer.choices[0].message.content)

    async def stream(self, text: str) -> AsyncIterator[str]:
        async for event in await self.client.chat.stream_async(model=MODEL, messages=said(text)):
            if piece := event.data.choices[0].delta.content:
                yield str(piece)
