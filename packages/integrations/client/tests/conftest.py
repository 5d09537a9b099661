"""A real server in this process, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import convo
import pytest
from convo_client import Client

from tests.conftest import serve as serve_by_command  # noqa: F401 - a fixture
from tests.harness import listening
from tests.harness.listening import Start

start = listening.start


@pytest.fixture
async def client(start: Start, app: convo.App) -> AsyncIterator[Client]:
    async with Client(await start(app)) as client:
        yield client
