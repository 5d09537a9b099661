"""The app as its users meet it; `chat` is a client of it, `model` what it asks."""

import agent
import pytest
from convo.testing import ChatClient, draw_tree
from fake_model import FakeModel

ORDER = {"name": "order", "args": {"item": "lamps", "count": 2}}


async def test_it_looks_things_up_and_shows_how(chat: ChatClient, model: FakeModel) -> None:
    model.answers = [{"name": "look_up", "args": {"item": "lamps"}}, "There are **3** lamps."]

    reply = await chat.send("How many lamps are there?")

    assert reply.content.strip() == "There are **3** lamps."
    assert "tool look_up" in draw_tree(reply.steps)
    assert model.heard[1][-1].content == "3 lamps"


@pytest.mark.parametrize(("said", "there_are"), [("Yes", 5), ("No", 3)])
async def test_it_asks_before_it_orders(chat: ChatClient, model: FakeModel, said: str, there_are: int) -> None:
    model.answers = [ORDER, "That is done."]

    run_id = await chat.post("Two more lamps, please")
    await chat.see("Order 2 lamps?")
    assert agent.stock["lamps"] == 3
    await chat.answer(said)
    reply = await chat.reply(run_id)

    assert reply.messages[-1].output.strip() == "That is done."
    assert agent.stock["lamps"] == there_are


async def test_the_model_hears_the_whole_chat(chat: ChatClient, model: FakeModel) -> None:
    model.answers = ["Good morning.", "It is nine."]
    await chat.send("Hello")
    await chat.send("What time is it?")

    assert [str(message.content).strip() for message in model.heard[1][1:]] == [
        "Hello",
        "Good morning.",
        "What time is it?",
    ]


async def test_without_a_key_it_says_where_one_goes(chat: ChatClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")

    assert "OPENAI_API_KEY" in (await chat.send("hi")).content
