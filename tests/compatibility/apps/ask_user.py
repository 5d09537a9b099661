"""Questions that are answered with a text."""

import chainlit as cl


@cl.on_chat_start
async def main():
    res = await cl.AskUserMessage(content="What is your name?", timeout=10).send()
    if res:
        await cl.Message(content=f"Your name is: {res['output']}").send()
        cl.user_session.set("name", res["output"])


@cl.on_message
async def hello(message: cl.Message):
    await cl.Message(content=f"Still {cl.user_session.get('name')}").send()
