"""Generators as steps: what they yield is their output."""

import chainlit as cl


@cl.step(type="llm")
async def think(question: str):
    for word in ("it ", "depends"):
        yield word


@cl.step(type="tool")
def count(upto: int):
    for number in range(upto):
        yield str(number)


@cl.on_message
async def main(message: cl.Message):
    msg = cl.Message(content="")
    async for token in think(message.content):
        await msg.stream_token(token)
    for number in count(3):
        await msg.stream_token(number)
    await msg.update()
