"""An answer that streams token by token."""

import asyncio

import chainlit as cl

ANSWER = ["Once", " upon", " a", " time", "…"]


@cl.on_message
async def main(message: cl.Message):
    msg = cl.Message(content="")
    await msg.send()
    for token in ANSWER:
        await msg.stream_token(token)
        await asyncio.sleep(0)
    await msg.update()

    counter = cl.Message(content="")
    for number in ("1", "2", "3"):
        await counter.stream_token(number, is_sequence=True)
    await counter.send()
