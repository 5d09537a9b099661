"""The SDK against a server that speaks its API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from convo_mistral import instrument_mistralai, uninstrument_mistralai
from convo_mistral.install import sdk_name

from tests.harness.model_server import ModelServer


@pytest.fixture(scope="session")
def sdk() -> ModuleType:
    """Mistral's, of whichever version."""
    return import_module(sdk_name())


@pytest.fixture
async def client(server: ModelServer, sdk: ModuleType) -> AsyncIterator[Any]:
    async with sdk.Mistral(server_url=server.url, api_key="s3cret") as client:
        with client:
            yield client


@pytest.fixture
def instrumented() -> Iterator[None]:
    instrument_mistralai()
    yield
    uninstrument_mistralai()
