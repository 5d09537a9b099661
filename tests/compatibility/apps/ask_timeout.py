"""Questions that nobody answers."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    res = await cl.AskUserMessage(content="Quick!", timeout=0.05).send()
    await cl.Message(content=f"{res}").send()
    try:
        await cl.AskActionMessage(
            content="Quicker!",
            actions=[cl.Action(name="a", payload={}, label="A")],
            timeout=0.05,
            raise_on_timeout=True,
        ).send()
    except TimeoutError:
        await cl.Message(content="Too late").send()
