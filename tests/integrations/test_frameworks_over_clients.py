"""A framework and the client it asks by are both traced: each question to a model is shown once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import convo
import openai
import pytest
from convo.testing import draw_tree
from convo_openai import uninstrument_openai
from convo_semantic_kernel import uninstrument_semantic_kernel
from langchain_core.language_models import SimpleChatModel
from langchain_openai import ChatOpenAI
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.llms.callbacks import llm_completion_callback
from pydantic import SecretStr
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion

from tests.harness import model_server
from tests.harness.model_server import ModelServer
from tests.harness.traced import asked, said


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server.running() as server:
        yield server


@pytest.fixture
def app() -> Iterator[convo.App]:
    integrations = {"langchain": True, "llama_index": True, "openai": True, "semantic_kernel": True}
    yield convo.App({"debug": True, "integrations": integrations})
    uninstrument_openai()
    uninstrument_semantic_kernel()


def chain(server: ModelServer, **options: Any) -> ChatOpenAI:
    options = {"model": "gpt-4o", "base_url": f"{server.url}/v1", "api_key": SecretStr("sk")} | options
    return ChatOpenAI(**options)


async def test_a_model_of_langchain_is_shown_once(app: convo.App, server: ModelServer) -> None:
    async def work() -> None:
        await chain(server).ainvoke("hello")
        chain(server).invoke("hello")
        async for _ in chain(server).astream("hello"):
            pass
        await chain(server).abatch(["hello", "hello"])

    reply = await asked(app, work)

    lines = draw_tree(reply.steps).splitlines()
    assert [line.startswith("llm ChatOpenAI") for line in lines] == [True] * 5
    assert all(line.endswith('→ "HELLO"') for line in lines)


async def test_what_only_the_client_was_told_completes_it(app: convo.App, server: ModelServer) -> None:
    class Own(SimpleChatModel):
        @property
        def _llm_type(self) -> str:
            return "own"

        def _call(self, messages: Any, *args: Any, **kwargs: Any) -> str:
            with openai.OpenAI(base_url=f"{server.url}/v1", api_key="sk") as client:
                answer = client.chat.completions.create(model="gpt-4o", messages=said(messages[-1].content))
            return answer.choices[0].message.content or ""

    reply = await asked(app, lambda: Own().ainvoke("hello"))

    assert draw_tree(reply.steps) == 'llm Own (gpt-4o-0824 1+2) → "HELLO"'


async def test_what_is_asked_between_is_shown(app: convo.App, server: ModelServer) -> None:
    """In the body of the loop that reads a stream, the model of the chain is still at it."""

    async def ask(text: str) -> None:
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="sk") as client:
            await client.chat.completions.create(model="gpt-4o", messages=said(text))

    async def work() -> None:
        stream = chain(server).astream("hello")
        await anext(stream)
        await ask("meanwhile")
        async with convo.Step("Mine"):
            await ask("in mine")
        async for _ in stream:
            pass
        await ask("afterwards")

    reply = await asked(app, work)

    names = [(node.name, [child.name for child in node.children]) for node in reply.steps]
    assert names == [("ChatOpenAI", []), ("gpt-4o", []), ("Mine", ["gpt-4o"]), ("gpt-4o", [])]


async def test_an_error_is_shown_once(app: convo.App, server: ModelServer) -> None:
    async def work() -> None:
        with pytest.raises(openai.NotFoundError):
            await chain(server).ainvoke("fail no such model")

    reply = await asked(app, work)

    assert [node.step.is_error for node in reply.steps] == [True]


async def test_a_step_of_the_authors_in_a_model_is_shown_with_what_is_in_it(
    app: convo.App, server: ModelServer
) -> None:
    class Careful(ChatOpenAI):
        async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
            async with convo.Step("Careful"):
                return await super()._agenerate(*args, **kwargs)

    async def work() -> None:
        await Careful(model="gpt-4o", base_url=f"{server.url}/v1", api_key=SecretStr("sk")).ainvoke("hello")

    reply = await asked(app, work)

    names = [(node.name, [child.name for child in node.children]) for node in reply.steps]
    assert names == [("Careful", []), ("Careful", ["gpt-4o"])]


async def test_a_service_of_semantic_kernel_is_shown_once(app: convo.App, server: ModelServer) -> None:
    async def work() -> None:
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="sk") as client:
            kernel = Kernel(services=OpenAIChatCompletion(ai_model_id="gpt-4o", async_client=client))
            await kernel.invoke_prompt("hello", function_name="greet", plugin_name="chat")
            async for _ in kernel.invoke_prompt_stream("hello", function_name="greet", plugin_name="chat"):
                pass

    reply = await asked(app, work)

    line = "tool chat-greet\n  llm gpt-4o (gpt-4o-0824 1+2)"
    assert draw_tree(reply.steps, texts=False) == f"{line}\n{line}"


async def test_a_model_of_llama_index_is_shown_once(app: convo.App, server: ModelServer) -> None:
    class Own(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(model_name="own")

        @llm_completion_callback()
        def complete(self, prompt: str, *args: Any, **kwargs: Any) -> CompletionResponse:
            with openai.OpenAI(base_url=f"{server.url}/v1", api_key="sk") as client:
                answer = client.chat.completions.create(model="gpt-4o", messages=said(prompt))
            return CompletionResponse(text=answer.choices[0].message.content or "")

        def stream_complete(self, prompt: str, *args: Any, **kwargs: Any) -> Any:
            raise NotImplementedError

    reply = await asked(app, lambda: Own().acomplete("hello"))

    assert [(node.step.type, node.name) for node in reply.steps] == [("llm", "Own")]
    generation = reply.steps[0].step.generation
    assert generation is not None
    assert (generation.input_token_count, generation.output_token_count) == (1, 2)
