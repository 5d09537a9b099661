"""What a model sees after a message was edited."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    history = [entry["content"] for entry in cl.chat_context.to_openai() if entry["role"] == "user"]
    await cl.Message(content=" > ".join(history)).send()
