"""What is shown of each kind of call, and that the app gets what it would get without."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from importlib import import_module
from typing import Any

import convo
import pytest
from convo.testing import draw_tree
from convo_mistral import instrument_mistralai, uninstrument_mistralai
from convo_mistral.install import sdk_name
from pydantic import BaseModel

from tests.harness.model_server import ModelServer
from tests.harness.traced import asked, cancel_when, generation_of, said, step_of

sdk = import_module(sdk_name())
models, utils = import_module(f"{sdk_name()}.models"), import_module(f"{sdk_name()}.utils")
Chat = import_module(f"{sdk_name()}.chat").Chat

pytestmark = pytest.mark.usefixtures("instrumented")

MODEL = "mistral-small"


async def whole_and_streamed(client: Any, text: str, **options: Any) -> None:
    await client.chat.complete_async(model=MODEL, messages=said(text), **options)
    async for _ in await client.chat.stream_async(model=MODEL, messages=said(text), **options):
        pass


async def test_settings_tokens_model_and_times_are_what_was_sent_and_told(app: convo.App, client: Any) -> None:
    async def work() -> None:
        answer = await client.chat.complete_async(
            model=MODEL,
            messages=[models.UserMessage(content="hello there")],
            temperature=0.5,
            http_headers={"x-key": "s3cret"},
            timeout_ms=10_000,
        )
        assert isinstance(answer, models.ChatCompletionResponse)

    step = await step_of(app, work)
    generation = generation_of(step)

    assert (step.type, step.name, step.output) == ("llm", MODEL, "HELLO THERE")
    assert generation.settings == {"temperature": 0.5}
    assert generation.messages == said("hello there")
    assert generation.message_completion == {"role": "assistant", "content": "HELLO THERE"}
    assert (generation.provider, generation.model) == ("127.0.0.1", "mistral-small-0824")
    assert (generation.input_token_count, generation.output_token_count, generation.token_count) == (2, 3, 5)
    assert generation.metadata["finish_reason"] == "stop"
    assert generation.duration > 0
    assert "s3cret" not in str(step)


async def test_a_stream_stays_a_stream_and_counts_what_the_server_counts(app: convo.App, client: Any) -> None:
    async def work() -> None:
        stream = await client.chat.stream_async(model=MODEL, messages=said("hello"))
        assert isinstance(stream, utils.eventstreaming.EventStreamAsync)
        async with stream:
            events = [event async for event in stream]
        assert events[-1].data.usage.total_tokens == 3
        with client.chat.stream(model=MODEL, messages=said("hello")) as other:
            assert isinstance(other, utils.eventstreaming.EventStream)
            assert next(other).data.choices[0].delta.role == "assistant"
            assert len(list(other)) == len("hello") + 1

    reply = await asked(app, work)

    line = 'llm mistral-small (mistral-small-0824 1+2) [{"role": "user", "content": "hello"}] → "HELLO"'
    assert draw_tree(reply.steps).splitlines() == [line, line]
    generation = generation_of(reply.steps[0].step)
    assert 0 < generation.tt_first_token <= generation.duration * 1000
    assert generation.metadata["finish_reason"] == "stop"


async def test_tool_calls_are_put_together_from_a_stream(app: convo.App, client: Any) -> None:
    tools: Any = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]

    reply = await asked(app, lambda: whole_and_streamed(client, "call", tools=tools))

    calls, streamed = (generation_of(node.step) for node in reply.steps)
    assert calls.message_completion["tool_calls"][0]["function"] == {
        "name": "weather",
        "arguments": '{"city": "Paris"}',
    }
    assert streamed.message_completion == calls.message_completion
    assert calls.tools == tools
    assert "Paris" in reply.steps[0].step.output


async def test_thoughts_are_put_together_from_a_stream(app: convo.App, client: Any) -> None:
    reply = await asked(app, lambda: whole_and_streamed(client, "think"))

    thought, thinking = (generation_of(node.step) for node in reply.steps)
    assert thought.message_completion["content"][0]["thinking"] == [{"type": "text", "text": "Let me think."}]
    assert thinking.message_completion == {"role": "assistant", "content": "THINK", "thinking": "Let me think."}
    assert [node.step.output for node in reply.steps] == ["THINK", "THINK"]


async def test_code_embeddings_documents_and_what_is_parsed(app: convo.App, client: Any) -> None:
    class Said(BaseModel):
        said: str

    async def work() -> None:
        await client.fim.complete_async(model="codestral", prompt="def f():", suffix="return x")
        for _ in client.fim.stream(model="codestral", prompt="def f():"):
            pass
        vectors = client.embeddings.create(model="mistral-embed", inputs=["a", "b"])
        assert vectors.data[0].embedding == [0.5, 0.25, 0.125]
        document = models.DocumentURLChunk(document_url="data:application/pdf;base64,JVBERi0x")
        assert len((await client.ocr.process_async(model="mistral-ocr", document=document)).pages) == 2
        await client.chat.parse_async(Said, model=MODEL, messages=said("hello"))

    reply = await asked(app, work)

    lines = draw_tree(reply.steps).splitlines()
    assert json.loads(reply.steps[0].step.input) == {"prompt": "def f():", "suffix": "return x"}
    assert lines[1:3] == [
        'llm codestral (codestral-0824 2+3) "def f():" → "DEF F():"',
        'embedding mistral-embed (mistral-embed-0824 4+0) ["a", "b"] → {"vectors": 2, "dimensions": 3}',
    ]
    assert "data:application/pdf;base64,…" in reply.steps[3].step.input
    assert reply.steps[3].step.output == "# Page 1\n\n# Page 2"
    assert generation_of(reply.steps[3].step).metadata["usage"]["pages_processed"] == 2
    assert lines[4].endswith('→ {"said": "HELLO"}')
    assert len(lines) == 5


async def test_a_stream_that_nobody_reads_to_its_end(app: convo.App, client: Any) -> None:
    async def work() -> None:
        async with await client.chat.stream_async(model=MODEL, messages=said("hello")) as stream:
            async for event in stream:
                if event.data.choices[0].delta.content:
                    break
        with client.agents.stream(agent_id="ag_1", messages=said("hello")) as other:
            for _ in range(3):
                next(other)

    reply = await asked(app, work)

    asked_for = '[{"role": "user", "content": "hello"}]'
    assert draw_tree(reply.steps).splitlines() == [
        f'llm mistral-small (mistral-small-0824) {asked_for} → "H" (cancelled)',
        f'llm ag_1 (mistral-agent-0824) {asked_for} → "HE" (cancelled)',
    ]


async def test_a_stream_that_is_cancelled_while_it_waits(app: convo.App, client: Any) -> None:
    reached = asyncio.Event()

    async def read() -> None:
        async for event in await client.chat.stream_async(model=MODEL, messages=said("hi~there")):
            if event.data.choices[0].delta.content == "~":
                reached.set()

    step = await step_of(app, lambda: cancel_when(reached, read))

    assert step.output == "HI~"
    assert (step.metadata, step.is_error) == ({"cancelled": True}, False)


async def test_retries_of_the_sdk_are_one_call(app: convo.App, client: Any, server: ModelServer) -> None:
    server.failures = 1
    retries = utils.RetryConfig("backoff", utils.BackoffStrategy(1, 10, 1.5, 1000), False)

    await step_of(app, lambda: client.chat.complete_async(model=MODEL, messages=said("hello"), retries=retries))

    assert len(server.requests) == 2


async def test_an_error_is_the_sdks_own(app: convo.App, client: Any) -> None:
    async def work() -> None:
        with pytest.raises(Exception, match="no such model"):
            await client.chat.complete_async(model=MODEL, messages=said("fail no such model"), temperature=1)

    step = await step_of(app, work)

    assert step.is_error
    assert "no such model" in step.output
    assert generation_of(step).settings == {"temperature": 1}


async def test_instrumenting_twice_shows_once_and_can_be_undone(app: convo.App, client: Any) -> None:
    original = vars(Chat)["complete_async"].__wrapped__
    instrument_mistralai()
    convo.instrument_mistralai()  # type: ignore[attr-defined]  # of what is installed

    await step_of(app, lambda: client.chat.complete_async(model=MODEL, messages=said("hello")))

    uninstrument_mistralai()
    uninstrument_mistralai()
    assert vars(Chat)["complete_async"] is original
    assert (await asked(app, lambda: client.chat.complete_async(model=MODEL, messages=said("hello")))).steps == []


async def test_a_setting_traces_its_app_alone(app: convo.App, client: Any) -> None:
    uninstrument_mistralai()
    traced = convo.App({"debug": True, "integrations": {"mistral": True}})

    def work() -> Awaitable[Any]:
        return client.chat.complete_async(model=MODEL, messages=said("hello"))

    assert len((await asked(traced, work)).steps) == 1
    assert (await asked(app, work)).steps == []
