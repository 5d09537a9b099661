"""The app as its users meet it; `chat` is a client of it, `model` what it asks."""

import pytest
from convo.testing import ChatClient
from fake_openai import FakeOpenAI


async def test_it_streams_what_the_model_says(chat: ChatClient, model: FakeOpenAI) -> None:
    reply = await chat.send("How is the weather?")

    assert reply.content.strip() == "It is **sunny** today."
    assert model.requests[0]["path"] == "/v1/chat/completions"
    assert model.requests[0]["stream"] is True


async def test_the_model_hears_the_whole_chat(chat: ChatClient, model: FakeOpenAI) -> None:
    await chat.send("How is the weather?")
    await chat.send("And tomorrow?")

    said = [(message["role"], message["content"].strip()) for message in model.requests[1]["messages"][1:]]
    assert said == [
        ("user", "How is the weather?"),
        ("assistant", "It is **sunny** today."),
        ("user", "And tomorrow?"),
    ]


async def test_a_refusal_is_told(chat: ChatClient, model: FakeOpenAI) -> None:
    model.status = 401

    reply = await chat.send("hi")

    assert "The model refused" in reply.content
    assert reply.status == "done"


async def test_without_a_key_it_says_where_one_goes(chat: ChatClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")

    assert "OPENAI_API_KEY" in (await chat.send("hi")).content
