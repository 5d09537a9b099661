"""What is computed once."""

import chainlit as cl

calls = []


@cl.cache
def load(model: str = "small"):
    calls.append(model)
    return f"{model} model"


@cl.cache
async def load_later(model):
    calls.append(model)
    return f"{model} model"


@cl.on_message
async def main(message: cl.Message):
    first, second = await cl.make_async(load)(), load()
    third, fourth = await load_later("big"), await load_later("big")
    await cl.Message(content=f"{first is second} {third is fourth} {len(calls)}").send()
