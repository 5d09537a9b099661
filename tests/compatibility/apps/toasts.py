"""Toasts of every kind."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    await cl.context.emitter.send_toast("Saved")
    await cl.context.emitter.send_toast(message="Careful", type="warning")
    await cl.context.emitter.send_toast("Failed", "error")
    await cl.context.emitter.send_toast("Great", type="success")
