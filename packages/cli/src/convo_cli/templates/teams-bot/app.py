"""A bot in Microsoft Teams, and the same chat in the browser. Change `answer`, save, and the next message has it."""

from collections.abc import AsyncIterator

import convo


@convo.on_chat_start
async def greet() -> None:
    """Who adds the bot is greeted, and so is who opens the page."""
    await convo.Message("Hello! Say something, and I say it back.").send()


@convo.on_message
async def answer(message: convo.Message) -> None:
    """The text streams. Who presses the button gets it louder, also tomorrow."""
    loud = convo.Action(name="shout", label="Louder", payload={"text": message.content})
    await convo.Message(actions=[loud]).stream(words(f"You said **{message.content}**."))


@convo.action_callback("shout")
async def shout(action: convo.Action) -> None:
    await convo.Message(f"{action.payload['text'].upper()}!").send()


async def words(text: str) -> AsyncIterator[str]:
    """A stand-in for a model: whatever yields text can be streamed."""
    for word in text.split(" "):
        yield word + " "
