"""Answers with what was said. Change `answer`, save, and the next message has it."""

from collections.abc import AsyncIterator

import convo


@convo.set_starters
async def starters(user: convo.User | None) -> list[convo.Starter]:
    return [convo.Starter("Say hello", "Hello!", icon="hand")]


@convo.on_message
async def answer(message: convo.Message) -> None:
    counted = await count(message.content)
    length = "one word" if counted["words"] == 1 else f"{counted['words']} words"
    await convo.Message().stream(words(f"You said **{message.content}**, which is {length}."))


@convo.step(type="tool")
async def count(text: str) -> dict[str, int]:
    """A step is shown with what it was given and what it found."""
    return {"words": len(text.split()), "letters": len(text)}


async def words(text: str) -> AsyncIterator[str]:
    """A stand-in for a model: whatever yields text can be streamed."""
    for word in text.split(" "):
        yield word + " "
