"""Contents that are not texts."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    await cl.Message(content={"foo": "bar", "list": [1, 2]}).send()
    await cl.Message(content=42).send()
    await cl.Message(content="select 1", language="sql").send()
    await cl.Message(
        content="tagged",
        tags=["draft"],
        metadata={"source": "test"},
        author="Writer",
        id="11111111-2222-4333-8444-555555555555",
    ).send()
