"""Deltas handed on as the provider yields them, `None` among them."""

from types import SimpleNamespace

import chainlit as cl


def completion():
    for delta in (None, "Par", None, "is", ""):
        yield SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(content=delta))])


@cl.on_message
async def main(message: cl.Message):
    msg = cl.Message(content="", author="Atlas")
    for chunk in completion():
        await msg.stream_token(chunk.choices[0].delta.content)
    await msg.send()
