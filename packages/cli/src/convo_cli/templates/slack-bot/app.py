"""A bot in Slack, and the same chat in the browser. Change `answer`, save, and the next message has it."""

from collections.abc import AsyncIterator

import convo


@convo.set_starters
async def starters(user: convo.User | None) -> list[convo.Starter]:
    """What the home page and the assistant in Slack suggest, and the page in the browser."""
    return [convo.Starter("Say hello", "Hello!", icon="hand")]


@convo.on_message
async def answer(message: convo.Message) -> None:
    """The text streams. Who presses the button gets it louder, also tomorrow."""
    loud = convo.Action(name="shout", label="Louder", payload={"text": message.content})
    reply = convo.Message(actions=[loud])
    await reply.stream(words(f"{message.author} said **{message.content}**."))


@convo.action_callback("shout")
async def shout(action: convo.Action) -> None:
    await convo.Message(f"{action.payload['text'].upper()}!").send()


@convo.on_slack_reaction_added
async def thank(event: dict[str, str]) -> None:
    """Somebody has put a reaction on a message of ours."""
    await convo.Message(f"Thank you for :{event['reaction']}:").send()


async def words(text: str) -> AsyncIterator[str]:
    """A stand-in for a model: whatever yields text can be streamed."""
    for word in text.split(" "):
        yield word + " "
