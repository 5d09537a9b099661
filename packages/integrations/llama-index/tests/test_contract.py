"""The contract of tracers, with LlamaIndex's own classes: turned on by a setting, by code, by a handler, by all."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any

import convo
import pytest
from convo.testing import TracerSuite
from convo_llama_index import LlamaIndexCallbackHandler, instrument_llama_index, uninstrument_llama_index
from llama_index.core.base.response.schema import AsyncStreamingResponse
from llama_index.core.callbacks import CallbackManager
from llama_index.core.query_engine import CustomQueryEngine

from tests.harness.loud_llama import Loud
from tests.harness.traced import ROUNDS


class Engine(CustomQueryEngine):
    """Asks its model, and nothing else."""

    llm: Loud
    is_streaming: bool = False

    def custom_query(self, query_str: str) -> str:
        return str(self.llm.complete(query_str))

    async def acustom_query(self, query_str: str) -> Any:
        if not self.is_streaming:
            return (await self.llm.acomplete(query_str)).text

        async def tokens() -> AsyncGenerator[str, None]:
            async for piece in await self.llm.astream_complete(query_str):
                yield piece.delta or ""

        return AsyncStreamingResponse(response_gen=tokens())


class TestBySetting(TracerSuite):
    rounds = ROUNDS
    golden = 'run Engine "hello" → "HELLO"\n  llm Loud (loud-1-0824 1+7) "hello" → "HELLO"'

    def create_app(self) -> convo.App:
        return convo.App({"debug": True, "integrations": {"llama_index": True}})

    def engine(self, **model: Any) -> Engine:
        return Engine(llm=Loud(**model))

    async def ask(self, text: str) -> str:
        return str(await self.engine().aquery(text))

    def ask_blocking(self, text: str) -> str:
        return str(self.engine().query(text))

    async def stream(self, text: str) -> AsyncIterator[str]:
        engine = self.engine()
        engine.is_streaming = True
        answer: Any = await engine.aquery(text)
        async for piece in answer.async_response_gen():
            yield piece

    async def fail(self, error: Exception) -> None:
        await self.engine(error=error).aquery("hello")

    async def hang(self, reached: Callable[[], object]) -> None:
        await self.engine(reached=reached).aquery("hello")


class TestByCode(TestBySetting):
    @pytest.fixture(autouse=True)
    def _instrumented(self) -> Iterator[None]:
        instrument_llama_index()
        yield
        uninstrument_llama_index()

    def create_app(self) -> convo.App:
        return convo.App({"debug": True})


class TestByHandler(TestBySetting):
    def create_app(self) -> convo.App:
        return convo.App({"debug": True})

    def engine(self, **model: Any) -> Engine:
        manager = CallbackManager([LlamaIndexCallbackHandler()])
        return Engine(llm=Loud(callback_manager=manager, **model), callback_manager=manager)


class TestByAll(TestByHandler):
    def create_app(self) -> convo.App:
        return convo.App({"debug": True, "integrations": {"llama_index": True}})

    @pytest.fixture(autouse=True)
    def _instrumented(self) -> Iterator[None]:
        instrument_llama_index()
        yield
        uninstrument_llama_index()
