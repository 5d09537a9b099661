"""A kernel whose model is asked through OpenAI's SDK, of a server that speaks its API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import openai
import pytest
from convo_semantic_kernel import instrument_semantic_kernel, uninstrument_semantic_kernel
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion

from tests.harness.kernel import Tools
from tests.harness.model_server import ModelServer


@pytest.fixture
async def service(server: ModelServer) -> AsyncIterator[OpenAIChatCompletion]:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="sk-s3cret") as client:
        yield OpenAIChatCompletion(ai_model_id="gpt-4o", async_client=client)


@pytest.fixture
def kernel(service: OpenAIChatCompletion) -> Kernel:
    kernel = Kernel(services=service)
    kernel.add_plugin(Tools(), "tools")
    return kernel


@pytest.fixture
def instrumented() -> Iterator[None]:
    instrument_semantic_kernel()
    yield
    uninstrument_semantic_kernel()
