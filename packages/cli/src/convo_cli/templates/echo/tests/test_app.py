"""The app as its users meet it; `chat` is a client of it."""

from convo.testing import ChatClient


async def test_it_answers_with_what_was_said(chat: ChatClient) -> None:
    reply = await chat.send("two words")

    assert reply.content.strip() == "You said **two words**, which is 2 words."


async def test_it_shows_how_it_counted(chat: ChatClient) -> None:
    reply = await chat.send("two words")

    assert [step.name for step in reply.steps] == ["count"]


async def test_it_suggests_how_to_begin(chat: ChatClient) -> None:
    await chat.choose_starter("Say hello")

    await chat.see("Hello!")
