"""A tool that fails, and an app that says so."""

import chainlit as cl


@cl.step(type="tool")
async def divide(a: int, b: int):
    return a // b


@cl.on_message
async def main(message: cl.Message):
    try:
        await divide(1, int(message.content))
    except ZeroDivisionError as error:
        await cl.ErrorMessage(content=f"Cannot: {error}").send()
    else:
        await cl.Message(content="fine").send()
