"""A callback that raises."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    await cl.Message(content="Working on it").send()
    if message.content == "break":
        raise ValueError("the model is asleep")
    await cl.Message(content="Done").send()
