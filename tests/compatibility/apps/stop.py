"""A long answer that can be stopped."""

import asyncio

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    if message.content == "stopped?":
        await cl.Message(content=str(cl.user_session.get("stopped", 0))).send()
        return
    msg = cl.Message(content="")
    await msg.stream_token("thinking")
    try:
        await asyncio.sleep(3600)
    finally:
        cl.user_session.set("cleaned", True)
    await msg.stream_token(" done")


@cl.on_stop
async def on_stop():
    assert cl.user_session.get("cleaned")
    cl.user_session.set("stopped", cl.user_session.get("stopped", 0) + 1)
