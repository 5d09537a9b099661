"""The conversation as a model wants it."""

import json

import chainlit as cl


@cl.on_chat_start
async def start():
    await cl.Message(content="Be brief.", type="system_message").send()


@cl.on_message
async def on_message(message: cl.Message):
    if message.content == "forget":
        cl.chat_context.clear()
        await cl.Message(content="What?").send()
        return
    await cl.Message(content=json.dumps(cl.chat_context.to_openai())).send()
