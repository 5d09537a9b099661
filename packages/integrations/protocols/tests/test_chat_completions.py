"""OpenAI's own client in Python at `POST /v1/chat/completions`."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import convo
import httpx
import openai
import pytest
from openai import AsyncOpenAI

from .conftest import PATIENCE, PNG, Events, Start, visitor


@pytest.fixture
async def client(url: str, token: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=token, timeout=PATIENCE, max_retries=0) as client:
        yield client


async def read(client: AsyncOpenAI, content: str, *, is_streamed: bool) -> None:
    answer: Any = await client.chat.completions.create(model="any", messages=user(content), stream=is_streamed)
    if is_streamed:
        async for _ in answer:
            pass


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


async def test_an_answer_comes_whole(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="any", messages=user("Good morning"))

    assert answer.choices[0].message.content == "Good morning "
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.object, answer.model) == ("chat.completion", "any")
    assert answer.usage is None  # no model was asked


async def test_an_answer_comes_as_it_is_said(client: AsyncOpenAI, release: asyncio.Event) -> None:
    stream = await client.chat.completions.create(model="any", messages=user("wait"), stream=True)
    said: list[str] = []
    async for chunk in stream:
        said.append(chunk.choices[0].delta.content or "")
        if "".join(said) == "one ":
            release.set()
    assert "".join(said) == "one two"
    assert chunk.choices[0].finish_reason == "stop"


async def test_messages_are_one_text_and_tokens_are_counted(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="any", messages=user("work"))
    assert answer.choices[0].message.content == "It is three.\n\nReally."
    assert answer.usage is not None
    counts = answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens
    assert counts == (7, 3, 10)

    options: Any = {"include_usage": True}
    stream = await client.chat.completions.create(
        model="any", messages=user("work"), stream=True, stream_options=options
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == (
        "It is three.\n\nReally."
    )
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 10


async def test_what_was_said_before_is_in_the_context_and_instructions_are_not(client: AsyncOpenAI) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "Obey"},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        *user("context"),
    ]
    raw = await client.chat.completions.with_raw_response.create(model="any", messages=messages, temperature=0.5)

    assert raw.parse().choices[0].message.content == "user: Hi | assistant: Hello | user: context"
    assert raw.headers["convo-ignored"] == "temperature, messages.system"


async def test_instructions_are_heeded_where_callers_may_give_them(start: Start, app: convo.App) -> None:
    url = await start(app, integrations={"protocols": {"instructions": True}})
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=await visitor(url), max_retries=0) as client:
        messages: list[Any] = [{"role": "developer", "content": "Obey"}, *user("context")]
        answer = await client.chat.completions.create(model="any", messages=messages)
    assert answer.choices[0].message.content == "system: Obey | user: context"


async def test_a_greeting_is_no_part_of_a_conversation_that_comes_along(start: Start, app: convo.App) -> None:
    @app.on_chat_start
    async def greet() -> None:
        await convo.Message("Welcome").send()
        await convo.AskUserMessage("Your name?", timeout=300).send()

    url = await start(app, integrations={"protocols": True})
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=await visitor(url), max_retries=0) as client:
        messages: list[Any] = [*user("Hi"), {"role": "assistant", "content": "Hello"}, *user("context")]
        answer = await client.chat.completions.create(model="any", messages=messages)
    assert answer.choices[0].message.content == "user: Hi | assistant: Hello | user: context"


async def test_files_come_along(client: AsyncOpenAI) -> None:
    encoded = base64.b64encode(PNG).decode()
    parts = [
        {"type": "text", "text": "files"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded}"}},
        {"type": "file", "file": {"filename": "notes.txt", "file_data": base64.b64encode(b"Buy milk").decode()}},
    ]
    answer = await client.chat.completions.create(model="any", messages=user(parts))
    assert answer.choices[0].message.content == "image.png image/png, notes.txt text/plain"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([{"type": "image_url", "image_url": {"url": "http://127.0.0.1/secret"}}], "fetches no addresses"),
        ([{"type": "image_url", "image_url": {"url": "data:image/png;base64,%%"}}], "not base64"),
        ([{"type": "file", "file": {"file_id": "file-1"}}], "file_data"),
        ([{"type": "hologram"}], "hologram"),
        ("", "needs some text"),
    ],
)
async def test_what_cannot_be_taken_is_refused_in_words(client: AsyncOpenAI, content: Any, said: str) -> None:
    with pytest.raises(openai.BadRequestError, match=said) as refusal:
        await client.chat.completions.create(model="any", messages=user(content))
    assert refusal.value.type == "invalid_request_error"


@pytest.mark.parametrize(
    "options",
    [
        {"n": 2},
        {"response_format": {"type": "json_object"}},
        {"tool_choice": "required", "tools": [{"type": "function", "function": {"name": "f"}}]},
        {"messages": [{"role": "assistant", "content": "Hello"}]},
    ],
)
async def test_what_an_app_cannot_do_is_refused(client: AsyncOpenAI, options: Any) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        await client.chat.completions.create(**({"model": "any", "messages": user("Hi")} | options))
    assert refusal.value.body["message"]


async def test_what_is_rewritten_is_as_it_ended(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="any", messages=user("rewrite"))
    assert answer.choices[0].message.content == "Here it is"


async def test_a_question_is_said_and_gets_no_answer(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="any", messages=user("name"))
    assert answer.choices[0].message.content == "Who are you?\n\nNobody"
    answer = await client.chat.completions.create(model="any", messages=user("choose"))
    assert answer.choices[0].message.content == "Which?\n\n- Red\n- Blue\n\nNone"


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_failure_is_an_error_and_tells_no_secret(
    url: str, token: str, events: Events, is_streamed: bool
) -> None:
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=3) as client:
        with pytest.raises(openai.APIError) as failure:
            await read(client, "fail", is_streamed=is_streamed)
    assert "Something went wrong in the app" in str(failure.value)
    assert "secret" not in str(failure.value)
    assert events.seen == ["asked fail"]  # and not once more for each retry of the client's


async def test_who_leaves_stops_the_answer(client: AsyncOpenAI, events: Events) -> None:
    stream = await client.chat.completions.create(model="any", messages=user("wait"), stream=True)
    async for chunk in stream:
        if chunk.choices[0].delta.content == "one ":
            break
    await stream.close()
    await events.until("stopped")


async def test_who_gives_a_key_comes_back_for_the_answer(
    client: AsyncOpenAI, http: httpx.AsyncClient, events: Events, release: asyncio.Event
) -> None:
    headers = {"Idempotency-Key": "order-1"}
    body = {"model": "any", "messages": user("wait"), "stream": True}
    async with http.stream("POST", "/v1/chat/completions", json=body, headers=headers) as cut:
        async for line in cut.aiter_lines():
            if "one " in line:
                break
    release.set()
    answers = [
        await client.chat.completions.create(model="any", messages=user("wait"), extra_headers=headers)
        for _ in range(2)
    ]

    assert [answer.choices[0].message.content for answer in answers] == ["one two"] * 2
    assert answers[0].id == answers[1].id
    assert events.seen == ["asked wait"]
    with pytest.raises(openai.BadRequestError, match="another message"):
        await client.chat.completions.create(model="any", messages=user("Hi"), extra_headers=headers)


async def test_models_are_profiles(start: Start, app: convo.App) -> None:
    @app.set_chat_profiles
    async def profiles() -> list[convo.ChatProfile]:
        return [convo.ChatProfile(name=name, markdown_description="") for name in ("Fast", "Good/1")]

    url = await start(app, integrations={"protocols": True})
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=await visitor(url), max_retries=0) as client:
        assert [model.id async for model in client.models.list()] == ["Fast", "Good/1"]
        assert (await client.models.retrieve("Good/1")).owned_by == "convo"
        answer = await client.chat.completions.create(model="Good/1", messages=user("profile"))
        assert answer.choices[0].message.content == "Good/1"
        with pytest.raises(openai.NotFoundError, match="there are Fast, Good/1") as refusal:
            await client.chat.completions.create(model="gpt-5", messages=user("Hi"))
    assert refusal.value.code == "model_not_found"


async def test_an_app_without_profiles_is_one_model(client: AsyncOpenAI) -> None:
    [model] = [model async for model in client.models.list()]
    assert (await client.models.retrieve(model.id)).id == model.id
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("gpt-5")


async def test_a_request_has_its_limit(start: Start, app: convo.App) -> None:
    url = await start(app, integrations={"protocols": {"body_mb": 0.01}})
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=await visitor(url), max_retries=0) as client:
        with pytest.raises(openai.APIStatusError, match=r"0\.01 MB") as refusal:
            await client.chat.completions.create(model="any", messages=user("x" * 20_000))
    assert refusal.value.status_code == 413
