"""What tests of integrations begin with: a server that speaks providers' APIs, and an App."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import convo
import pytest

from tests.harness import model_server
from tests.harness.model_server import ModelServer


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server.running() as server:
        yield server


@pytest.fixture
def app() -> convo.App:
    return convo.App({"debug": True})


@pytest.fixture
def answering(app: convo.App) -> Callable[[Callable[[str], Any]], convo.App]:
    """The App, with a function of the message's text as its `on_message`; a text it returns is the answer."""

    def answer_with(work: Callable[[str], Any]) -> convo.App:
        @app.on_message
        async def answer(message: convo.Message) -> None:
            said = await work(message.content)
            if isinstance(said, str):
                await convo.Message(said).send()

        return app

    return answer_with
