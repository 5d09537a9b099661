"""OpenAI's own client in Python at `/v1/responses`."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from .conftest import PATIENCE, PNG, Events, visitor


@pytest.fixture
async def client(url: str, token: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=token, timeout=PATIENCE, max_retries=0) as client:
        yield client


async def test_an_answer_comes_whole_and_is_there_afterwards(client: AsyncOpenAI) -> None:
    response = await client.responses.create(model="any", input="work")

    assert [item.content[0].text for item in response.output] == ["It is three.", "Really."]
    assert (response.status, response.error, response.model) == ("completed", None, "any")
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (7, 3, 10)
    again = await client.responses.retrieve(response.id)
    assert again.output == response.output


async def test_an_answer_comes_as_it_is_said(client: AsyncOpenAI) -> None:
    async with client.responses.stream(model="any", input="Good morning") as stream:
        events = [event async for event in stream]
        response = await stream.get_final_response()

    assert response.output_text == "Good morning "
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "Good morning "
    kinds = list(dict.fromkeys(event.type for event in events))
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


async def test_it_goes_on_after_a_response_also_after_an_earlier_one(client: AsyncOpenAI) -> None:
    first = await client.responses.create(model="any", input="one")
    await client.responses.create(model="any", input="two", previous_response_id=first.id)
    other = await client.responses.create(model="any", input="context", previous_response_id=first.id)

    assert other.output_text == "user: one | assistant: one  | user: context"
    assert other.previous_response_id == first.id


async def test_a_conversation_has_a_name(client: AsyncOpenAI) -> None:
    await client.responses.create(model="any", input="one", conversation="mine")
    response = await client.responses.create(model="any", input="context", conversation="mine")
    assert response.output_text == "user: one | assistant: one  | user: context"
    assert response.conversation is not None
    assert response.conversation.id == "mine"


async def test_nobody_reaches_what_is_anothers(client: AsyncOpenAI, url: str) -> None:
    mine = await client.responses.create(model="any", input="secret", conversation="mine")
    thread_id = mine.id.removeprefix("resp_").partition(".")[0]
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=await visitor(url), max_retries=0) as other:
        for call in (
            other.responses.retrieve(mine.id),
            other.responses.cancel(mine.id),
            other.responses.create(model="any", input="Hi", previous_response_id=mine.id),
            other.responses.retrieve("resp_x.y"),
            other.responses.retrieve("nonsense"),
        ):
            with pytest.raises(openai.NotFoundError):
                await call
        for name in ("mine", thread_id):  # of another's, and behind them are threads of his own
            response = await other.responses.create(model="any", input="context", conversation=name)
            assert response.output_text == "user: context"


async def test_a_question_ends_the_answer_and_the_next_request_answers_it(client: AsyncOpenAI) -> None:
    asked = await client.responses.create(model="any", input="name")
    assert (asked.output_text, asked.status) == ("Who are you?", "completed")
    answered = await client.responses.create(model="any", input="Ann", previous_response_id=asked.id)
    assert answered.output_text == "Hello Ann"

    asked = await client.responses.create(model="any", input="choose", previous_response_id=answered.id)
    assert [item.content[0].text for item in asked.output] == ["Which?", "- Red\n- Blue"]
    with pytest.raises(openai.BadRequestError, match="one of `Red`, `Blue`"):
        await client.responses.create(model="any", input="green", previous_response_id=asked.id)
    answered = await client.responses.create(model="any", input="blue", previous_response_id=asked.id)
    assert answered.output_text == "So Blue"


async def test_a_cut_stream_is_resumed_exactly(client: AsyncOpenAI, release: asyncio.Event) -> None:
    stream = await client.responses.create(model="any", input="wait", stream=True, background=True)
    seen: list[Any] = []
    async for event in stream:
        seen.append(event)
        if event.type == "response.output_text.delta":
            break
    await stream.close()
    response_id, after = seen[0].response.id, seen[-1].sequence_number
    assert (await client.responses.retrieve(response_id)).status == "in_progress"
    release.set()

    whole = [event async for event in await client.responses.retrieve(response_id, stream=True)]
    for cut in (after, after - 2):  # the second in the middle of a delta
        rest = await client.responses.retrieve(response_id, stream=True, starting_after=cut)
        resumed = [event async for event in rest]
        assert resumed[0].sequence_number > cut
        assert text(resumed) == text(whole)[len(text(whole)) - len(text(resumed)) :]
        assert resumed[-1].response.output_text == "one two"
    assert text(whole) == "one two"
    assert text(seen) + text([event async for event in await resume(client, response_id, after)]) == "one two"


async def resume(client: AsyncOpenAI, response_id: str, after: int) -> Any:
    return await client.responses.retrieve(response_id, stream=True, starting_after=after)


def text(events: list[Any]) -> str:
    return "".join(event.delta for event in events if event.type == "response.output_text.delta")


async def test_what_goes_in_the_background_is_stopped_by_its_id(client: AsyncOpenAI, events: Events) -> None:
    begun = await client.responses.create(model="any", input="wait", background=True)
    assert begun.status in ("queued", "in_progress")
    await events.until("asked wait")

    stopped = await client.responses.cancel(begun.id)

    assert stopped.status == "cancelled"
    await events.until("stopped")
    assert (await client.responses.retrieve(begun.id)).status == "cancelled"


async def test_who_leaves_stops_the_answer(client: AsyncOpenAI, events: Events) -> None:
    stream = await client.responses.create(model="any", input="wait", stream=True)
    async for event in stream:
        if event.type == "response.output_text.delta":
            break
    await stream.close()
    await events.until("stopped")


async def test_a_failure_is_a_failed_response(client: AsyncOpenAI) -> None:
    response = await client.responses.create(model="any", input="fail")
    assert response.status == "failed"
    assert response.error is not None
    assert "secret" not in response.error.message
    events = [event async for event in await client.responses.create(model="any", input="fail", stream=True)]
    assert events[-1].type == "response.failed"


async def test_files_come_along(client: AsyncOpenAI) -> None:
    encoded = base64.b64encode(PNG).decode()
    content = [
        {"type": "input_text", "text": "files"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{encoded}", "detail": "auto"},
        {"type": "input_file", "filename": "notes.txt", "file_data": f"data:text/plain;base64,{encoded}"},
    ]
    with pytest.raises(openai.BadRequestError):  # the second is no text
        await client.responses.create(model="any", input=[{"role": "user", "content": content}])
    response = await client.responses.create(model="any", input=[{"role": "user", "content": content[:2]}])
    assert response.output_text == "image.png image/png"


async def test_a_repeated_request_is_answered_once(client: AsyncOpenAI, events: Events) -> None:
    headers = {"Idempotency-Key": "a"}
    made = [await client.responses.create(model="any", input="Hi", extra_headers=headers) for _ in range(2)]
    assert made[0].id == made[1].id
    assert made[1].output_text == "Hi "
    assert events.seen == ["asked Hi"]
