"""Modes: a pick beside the message box that comes with each message."""

import chainlit as cl

MODELS = cl.Mode(
    id="model",
    name="Model",
    options=[
        cl.ModeOption(id="fast", name="Fast", description="Quick answers", icon="zap"),
        cl.ModeOption(id="deep", name="Deep", description="Thinks", icon="brain", default=True),
    ],
)


@cl.on_chat_start
async def start():
    await cl.context.emitter.set_modes([MODELS])


@cl.on_message
async def main(message: cl.Message):
    model = (message.modes or {}).get("model", "none")
    await cl.Message(content=f"answered by {model}").send()
