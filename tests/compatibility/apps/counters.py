"""A background task that tells of itself while the chat goes on."""

import asyncio

import chainlit as cl
from chainlit.context import context


async def tick(event):
    await event.wait()
    assert context.session.thread_id == cl.context.session.thread_id
    await cl.Message(content="tick", author="Clock").send()


@cl.on_chat_start
async def start():
    event = asyncio.Event()
    cl.user_session.set("event", event)
    cl.user_session.set("task", asyncio.create_task(tick(event)))


@cl.on_message
async def main(message: cl.Message):
    cl.user_session.get("event").set()
    await cl.user_session.get("task")
    await cl.Message(content="after the tick").send()
