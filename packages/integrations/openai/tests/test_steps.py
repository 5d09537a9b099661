"""What is shown of each kind of call, and that the app gets what it would get without."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Awaitable
from typing import Any

import convo
import openai
import pytest
from convo.testing import ChatClient, draw_tree
from convo_openai import instrument_openai, uninstrument_openai
from pydantic import BaseModel

from tests.harness.model_server import PIXEL, ModelServer
from tests.harness.traced import asked, cancel_when, generation_of, said, step_of

pytestmark = pytest.mark.usefixtures("instrumented")

MODEL = "gpt-4o"


async def test_settings_tokens_model_and_times_are_what_was_sent_and_told(
    app: convo.App, client: openai.AsyncOpenAI, server: ModelServer
) -> None:
    async def work() -> None:
        answer = await client.chat.completions.create(
            model=MODEL, messages=said("hello there"), temperature=0.5, extra_body={"top_k": 3}
        )
        assert type(answer).__name__ == "ChatCompletion"

    step = await step_of(app, work)
    generation = generation_of(step)

    assert (step.type, step.name, step.output) == ("llm", MODEL, "HELLO THERE")
    assert generation.settings == {"temperature": 0.5, "top_k": 3}
    assert generation.messages == said("hello there")
    assert generation.message_completion == {"role": "assistant", "content": "HELLO THERE"}
    assert (generation.provider, generation.model) == ("127.0.0.1", "gpt-4o-0824")
    assert (generation.input_token_count, generation.output_token_count, generation.token_count) == (2, 3, 5)
    assert generation.metadata["usage"]["completion_tokens_details"] == {"reasoning_tokens": 1}
    assert generation.duration > 0
    assert "sk-s3cret" not in str(step)


async def test_a_stream_stays_a_stream_and_counts_what_the_server_counts(
    app: convo.App, client: openai.AsyncOpenAI, blocking: openai.OpenAI
) -> None:
    async def work() -> None:
        options = {"model": MODEL, "messages": said("hello"), "stream": True}
        stream = await client.chat.completions.create(**options, stream_options={"include_usage": True})
        assert isinstance(stream, openai.AsyncStream)
        async with stream:
            chunks = [chunk async for chunk in stream]
        assert chunks[-1].usage.total_tokens == 3
        with blocking.chat.completions.create(**options) as other:
            assert isinstance(other, openai.Stream)
            assert next(other).choices[0].delta.role == "assistant"
            assert len(list(other)) == len("hello") + 1

    reply = await asked(app, work)

    shown = '[{"role": "user", "content": "hello"}] → "HELLO"'
    assert draw_tree(reply.steps) == f"llm gpt-4o (gpt-4o-0824 1+2) {shown}\nllm gpt-4o (gpt-4o-0824) {shown}"
    generation = generation_of(reply.steps[0].step)
    assert 0 < generation.tt_first_token <= generation.duration * 1000
    assert generation.metadata["finish_reason"] == "stop"


async def test_tool_calls_and_reasoning_are_put_together_from_a_stream(
    app: convo.App, client: openai.AsyncOpenAI
) -> None:
    tools: Any = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]

    async def work() -> None:
        for text in ("call", "think"):
            for stream in (False, True):
                options: Any = {"model": MODEL, "messages": said(text), "tools": tools, "stream": stream}
                answer: Any = await client.chat.completions.create(**options)
                if stream:
                    async for _ in answer:
                        pass

    reply = await asked(app, work)

    calls, streamed, *thoughts = (generation_of(node.step) for node in reply.steps)
    assert calls.message_completion["tool_calls"][0]["function"] == {
        "name": "weather",
        "arguments": '{"city": "Paris"}',
    }
    assert streamed.message_completion == calls.message_completion
    assert streamed.tt_first_token > 0
    assert "Paris" in reply.steps[0].step.output
    assert json.loads(reply.steps[0].step.output) == json.loads(reply.steps[1].step.output)
    assert calls.tools == tools
    assert [thought.message_completion["reasoning_content"].strip() for thought in thoughts] == ["Let me think."] * 2
    assert [node.step.output for node in reply.steps[2:]] == ["THINK", "THINK"]


async def test_helpers_that_parse_and_stream_are_seen(
    app: convo.App, client: openai.AsyncOpenAI, blocking: openai.OpenAI
) -> None:
    class Said(BaseModel):
        said: str

    async def work() -> None:
        chat: Any = (
            client.chat.completions if hasattr(client.chat.completions, "parse") else client.beta.chat.completions
        )
        parsed = await chat.parse(model=MODEL, messages=said("hello"), response_format=Said)
        assert parsed.choices[0].message.parsed == Said(said="HELLO")
        async with chat.stream(model=MODEL, messages=said("hello")) as stream:
            final = await stream.get_final_completion()
        assert final.choices[0].message.content == "HELLO"
        raw = await client.chat.completions.with_raw_response.create(model=MODEL, messages=said("hello"))
        assert raw.parse().choices[0].message.content == "HELLO"
        raw_stream = blocking.chat.completions.with_raw_response.create(
            model=MODEL, messages=said("hello"), stream=True
        )
        assert raw_stream.parse() is raw_stream.parse()
        assert len(list(raw_stream.parse())) == len("hello") + 2
        streaming = client.chat.completions.with_streaming_response
        async with streaming.create(model=MODEL, messages=said("hello")) as response:
            assert (await response.parse()).choices[0].message.content == "HELLO"
        with blocking.chat.completions.with_streaming_response.create(model=MODEL, messages=said("hello")) as one:
            assert one.json()["choices"][0]["message"]["content"] == "HELLO"  # type: ignore[index]
        async with streaming.create(model=MODEL, messages=said("hello")) as response:
            assert b"HELLO" in b"".join([piece async for piece in response.iter_bytes()])

    reply = await asked(app, work)

    lines = draw_tree(reply.steps).splitlines()
    assert lines[0].endswith('→ {"said": "HELLO"}')
    assert all(line.endswith('→ "HELLO"') for line in lines[1:6])
    assert "(not captured: the app read the answer…" in lines[6] or "not captured" in lines[6]
    assert len(lines) == 7


async def test_responses_whole_and_streamed(app: convo.App, client: openai.AsyncOpenAI) -> None:
    secret = {"type": "mcp", "server_label": "files", "server_url": "https://mcp.example", "authorization": "t0ken"}

    async def work() -> None:
        await client.responses.create(model=MODEL, input="think hard", instructions="Be short.", tools=[secret])  # type: ignore[list-item]
        stream = await client.responses.create(model=MODEL, input="hello", stream=True)
        assert [event.type async for event in stream][-1] == "response.completed"
        async with client.responses.stream(model=MODEL, input="hello") as helper:
            assert (await helper.get_final_response()).output_text == "HELLO"
        await client.responses.create(
            model=MODEL,
            input=[
                {"role": "user", "content": "call"},
                {"type": "function_call", "call_id": "call_0", "name": "weather", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "call_0", "output": "call it sunny"},
            ],
        )

    reply = await asked(app, work)

    first, second, third, last = (node.step for node in reply.steps)
    generation = generation_of(first)
    assert [message["role"] for message in generation.messages] == ["system", "user"]
    assert generation.message_completion["reasoning"] == "Let me think."
    assert "t0ken" not in str(first)
    assert (generation.input_token_count, generation.output_token_count) == (2, 3)
    assert generation.metadata["usage"]["output_tokens_details"] == {"reasoning_tokens": 2}
    for step in (second, third):
        assert step.output == "HELLO"
        assert generation_of(step).tt_first_token > 0
        assert (generation_of(step).model, generation_of(step).token_count) == ("gpt-4o-0824", 3)
    assert [message["role"] for message in generation_of(last).messages] == ["user", "assistant", "tool"]
    assert '"Paris\\"' not in last.input
    assert "Paris" in last.output


async def test_a_response_that_failed_is_an_error_though_nothing_is_raised(
    app: convo.App, client: openai.AsyncOpenAI
) -> None:
    async def work() -> None:
        assert (await client.responses.create(model=MODEL, input="break")).status == "failed"
        stream = await client.responses.create(model=MODEL, input="break", stream=True)
        assert [event.type async for event in stream][-1] == "response.failed"

    reply = await asked(app, work)

    assert [line.split("✗ ")[1] for line in draw_tree(reply.steps).splitlines()] == ['"the model broke"'] * 2


async def test_completions_embeddings_images_and_audio(
    app: convo.App, client: openai.AsyncOpenAI, blocking: openai.OpenAI
) -> None:
    async def work() -> None:
        await client.completions.create(model="davinci", prompt="hello")
        async for _ in await client.completions.create(model="davinci", prompt="hello", stream=True):
            pass
        vectors = await client.embeddings.create(model="ada", input=["a", "b"])
        assert vectors.data[0].embedding == [0.5, 0.25, 0.125]
        blocking.embeddings.create(model="ada", input="a", encoding_format="float")
        await client.images.generate(model="gpt-image-1", prompt="a cat")
        await client.images.edit(model="gpt-image-1", prompt="a dog", image=("cat.png", PIXEL))
        assert (await client.audio.speech.create(model="tts", voice="alloy", input="hi")).content == b"ID3 a sound"
        await client.audio.transcriptions.create(model="whisper", file=("morning.mp3", b"ID3"))

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await work()

    async with ChatClient(app) as chat:
        reply = await chat.send("go")
        assert reply.status == "done", reply.error
        steps = [node.step for node in reply.steps]
        image = await chat.until(lambda: next(iter(chat.elements(steps[4])), None), "the image")
        sound = await chat.until(lambda: next(iter(chat.elements(steps[6])), None), "the sound")
        assert await chat.read(image) == PIXEL
        assert await chat.read(sound) == b"ID3 a sound"

    assert draw_tree(reply.steps).splitlines() == [
        'llm davinci (davinci-0824 1+2) "hello" → "HELLO"',
        'llm davinci (davinci-0824) "hello" → "HELLO"',
        'embedding ada (ada-0824 4+0) ["a", "b"] → {"vectors": 2, "dimensions": 3}',
        'embedding ada (ada-0824 4+0) "a" → {"vectors": 1, "dimensions": 3}',
        'llm gpt-image-1 (gpt-image-1 3+50) "a cat" → "1 images"',
        'llm gpt-image-1 (gpt-image-1 3+50) {"prompt": "a dog", …iles": ["cat.png"]} → "1 images"',
        'llm tts (tts) "hi" → "11 bytes of mp3"',
        'llm whisper (whisper 7+2) "morning.mp3" → "good morning"',
    ]


async def test_a_stream_that_nobody_reads_to_its_end(
    app: convo.App, client: openai.AsyncOpenAI, blocking: openai.OpenAI
) -> None:
    async def work() -> None:
        options: Any = {"model": MODEL, "messages": said("hello"), "stream": True}
        async with await client.chat.completions.create(**options) as stream:
            async for chunk in stream:
                if chunk.choices[0].delta.content:
                    break
        with blocking.chat.completions.create(**options) as other:
            for _ in range(3):
                next(other)
        dropped = blocking.chat.completions.create(**options)
        for _ in range(4):
            next(dropped)
        response = dropped.response
        del dropped
        gc.collect()
        response.close()

    reply = await asked(app, work)

    shown = 'llm gpt-4o (gpt-4o-0824) [{"role": "user", "content": "hello"}]'
    assert draw_tree(reply.steps).splitlines() == [
        f'{shown} → "H" (cancelled)',
        f'{shown} → "HE" (cancelled)',
        f'{shown.replace("-0824", "")} → "HEL"',
    ]
    assert all(node.step.end is not None and not node.step.is_error for node in reply.steps)


async def test_a_stream_that_is_cancelled_while_it_waits(app: convo.App, client: openai.AsyncOpenAI) -> None:
    reached = asyncio.Event()

    async def read() -> None:
        options: Any = {"model": MODEL, "messages": said("hi~there"), "stream": True}
        async for chunk in await client.chat.completions.create(**options):
            if chunk.choices[0].delta.content == "~":
                reached.set()

    step = await step_of(app, lambda: cancel_when(reached, read))

    assert step.output == "HI~"
    assert (step.metadata, step.is_error) == ({"cancelled": True}, False)


async def test_retries_of_the_sdk_are_one_call(app: convo.App, client: openai.AsyncOpenAI, server: ModelServer) -> None:
    server.failures = 1

    await step_of(app, lambda: client.chat.completions.create(model=MODEL, messages=said("hello")))

    assert len(server.requests) == 2


async def test_an_error_is_the_sdks_own(app: convo.App, client: openai.AsyncOpenAI) -> None:
    async def work() -> None:
        with pytest.raises(openai.NotFoundError, match="no such model"):
            await client.chat.completions.create(model=MODEL, messages=said("fail no such model"), temperature=1)

    step = await step_of(app, work)

    assert step.is_error
    assert "no such model" in step.output
    assert generation_of(step).settings == {"temperature": 1}


async def test_what_cannot_be_captured_says_so_and_the_answer_is_the_apps(
    app: convo.App, client: openai.AsyncOpenAI
) -> None:
    async def work() -> None:
        answer: Any = await client.post(
            "/chat/completions", body={"messages": said("hello"), "model": 3, "n": "odd"} | {"n": None}, cast_to=object
        )
        assert answer["choices"][0]["message"]["content"] == "HELLO"
        await client.post("/embeddings", body={"model": "ada"}, cast_to=str)

    reply = await asked(app, work)

    assert draw_tree(reply.steps).splitlines()[0].endswith('→ "HELLO"')
    assert all(node.step.end is not None for node in reply.steps)


async def test_instrumenting_twice_shows_once_and_can_be_undone(app: convo.App, client: openai.AsyncOpenAI) -> None:
    original = vars(openai.AsyncOpenAI.__mro__[1])["request"].__wrapped__
    instrument_openai()
    convo.instrument_openai()  # type: ignore[attr-defined]  # of what is installed

    await step_of(app, lambda: client.chat.completions.create(model=MODEL, messages=said("hello")))

    uninstrument_openai()
    uninstrument_openai()
    assert vars(openai.AsyncOpenAI.__mro__[1])["request"] is original
    reply = await asked(app, lambda: client.chat.completions.create(model=MODEL, messages=said("hello")))
    assert reply.steps == []


async def test_a_setting_traces_its_app_alone(app: convo.App, client: openai.AsyncOpenAI) -> None:
    uninstrument_openai()
    traced = convo.App({"debug": True, "integrations": {"openai": True}})

    def work() -> Awaitable[Any]:
        return client.chat.completions.create(model=MODEL, messages=said("hello"))

    assert len((await asked(traced, work)).steps) == 1
    assert (await asked(app, work)).steps == []
    instrument_openai()
    assert len((await asked(app, work)).steps) == 1
