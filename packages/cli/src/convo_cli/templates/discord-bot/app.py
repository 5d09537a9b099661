"""A bot on Discord, and the same chat in the browser. Change `answer`, save, and the next message has it."""

import random
from collections.abc import AsyncIterator

import convo


@convo.on_chat_start
async def begin() -> None:
    """On Discord they are slash commands."""
    await convo.context.emitter.set_commands([{"id": "roll", "description": "Roll a die", "icon": "dices"}])


@convo.on_message
async def answer(message: convo.Message) -> None:
    """The text streams. Who presses the button gets it louder, also tomorrow."""
    if message.command == "roll":
        await roll()
        return
    loud = convo.Action(name="shout", label="Louder", payload={"text": message.content})
    reply = convo.Message(actions=[loud])
    await reply.stream(words(f"{message.author} said **{message.content}**."))


@convo.action_callback("shout")
async def shout(action: convo.Action) -> None:
    await convo.Message(f"{action.payload['text'].upper()}!").send()


async def roll() -> None:
    """Ask by buttons, and wait for the answer."""
    dice = [convo.Action(name="die", label=f"{sides} sides", payload={"sides": sides}) for sides in (6, 12, 20)]
    chosen = await convo.AskActionMessage("Which die?", dice).send()
    if chosen is not None:
        await convo.Message(f"It shows **{random.randint(1, chosen['payload']['sides'])}**.").send()  # noqa: S311


async def words(text: str) -> AsyncIterator[str]:
    """A stand-in for a model: whatever yields text can be streamed."""
    for word in text.split(" "):
        yield word + " "
