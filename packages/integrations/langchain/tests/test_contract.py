"""The contract of tracers, with LangChain's own chains: switched on by a setting, by a handler, and by both."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import convo
from convo.testing import TracerSuite
from convo_langchain import AsyncLangchainCallbackHandler, LangchainCallbackHandler
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableConfig

from tests.harness.loud import Loud, Streaming
from tests.harness.traced import ROUNDS


class TestBySetting(TracerSuite):
    rounds = ROUNDS
    golden = (
        'run Answer {"text": "hello"} → "HELLO"\n'
        '  undefined ChatPromptTemplate {"text": "hello"} → [{"role": "user", "content": "hello"}]\n'
        '  llm Loud (loud-1-0824 1+7) → "HELLO"\n'
        '  undefined StrOutputParser {"role": "assistant"…"content": "HELLO"} → "HELLO"'
    )

    def create_app(self) -> convo.App:
        return convo.App({"debug": True, "integrations": {"langchain": True}})

    def config(self) -> RunnableConfig:
        return {}

    def chain(self, model: Loud) -> Runnable[Any, str]:
        return (ChatPromptTemplate.from_template("{text}") | model | StrOutputParser()).with_config(run_name="Answer")

    async def ask(self, text: str) -> str:
        return await self.chain(Loud()).ainvoke({"text": text}, self.config())

    def ask_blocking(self, text: str) -> str:
        return self.chain(Loud()).invoke({"text": text}, self.config())

    async def stream(self, text: str) -> AsyncIterator[str]:
        async for piece in self.chain(Streaming()).astream({"text": text}, self.config()):
            if piece:
                yield piece

    async def fail(self, error: Exception) -> None:
        await (
            Loud(error=error)
            .with_config(run_name="Model")
            .with_fallbacks([Loud(error=error)])
            .ainvoke("hello", self.config())
        )

    async def hang(self, reached: Callable[[], object]) -> None:
        await self.chain(Loud(reached=reached)).ainvoke({"text": "hello"}, self.config())


class TestByHandler(TestBySetting):
    handler: Any = LangchainCallbackHandler()

    def create_app(self) -> convo.App:
        return convo.App({"debug": True})

    def config(self) -> RunnableConfig:
        return {"callbacks": [self.handler]}


class TestByAsyncHandler(TestByHandler):
    handler = AsyncLangchainCallbackHandler()


class TestByBoth(TestByHandler):
    def create_app(self) -> convo.App:
        return convo.App({"debug": True, "integrations": {"langchain": True}})


class TestByANewHandlerEachTime(TestByHandler):
    def config(self) -> RunnableConfig:
        return {"callbacks": [convo.LangchainCallbackHandler()]}
