"""Blocking code beside async code."""

import time

import chainlit as cl


def sync_func(seconds: float, name: str = "x"):
    time.sleep(seconds)
    cl.run_sync(cl.Message(content=f"{name} slept").send())
    return cl.user_session.get("who")


async_func = cl.make_async(sync_func)


@cl.on_message
async def main(message: cl.Message):
    cl.user_session.set("who", message.content)
    answer = await async_func(0.01, name="worker")
    await cl.sleep(0)
    await cl.Message(content=answer).send()
