"""What a task outside a callback shows, and tokens counted."""

import asyncio

import chainlit as cl


async def background():
    await cl.context.emitter.task_start()
    await asyncio.sleep(0)
    await cl.Message(content="From the background").send()
    await cl.context.emitter.task_end()


@cl.on_message
async def main(message: cl.Message):
    cl.user_session.set("task", asyncio.create_task(background()))
    await cl.context.emitter.update_token_count(12)
    await cl.context.emitter.update_token_count(30)
    await cl.Message(content="Started").send()
