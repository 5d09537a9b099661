"""The SDK against a server that speaks its API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import openai
import pytest
from convo_openai import instrument_openai, uninstrument_openai

from tests.harness.model_server import ModelServer


@pytest.fixture
async def client(server: ModelServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="sk-s3cret", max_retries=1) as client:
        yield client


@pytest.fixture
def blocking(server: ModelServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="sk-s3cret", max_retries=1) as client:
        yield client


@pytest.fixture
def instrumented() -> Iterator[None]:
    instrument_openai()
    yield
    uninstrument_openai()
