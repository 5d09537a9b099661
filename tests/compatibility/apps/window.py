"""Messages from and to the page around the chat."""

import chainlit as cl


@cl.on_window_message
async def window_message(message: str):
    if message.startswith("Client: "):
        await cl.send_window_message("Server: Hello from the app")
        await cl.Message(content=message).send()


@cl.on_message
async def message(message: cl.Message):
    await cl.context.emitter.send_window_message({"said": message.content})
