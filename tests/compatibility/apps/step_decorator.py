"""Tools as decorated functions, one inside the other."""

import chainlit as cl


@cl.step(type="tool")
async def search(query: str, limit: int = 2):
    current_step = cl.context.current_step
    current_step.language = "json"
    current_step.metadata = {"hits": limit}
    return [f"{query} {number}" for number in range(limit)]


@cl.step(name="Research", type="run", tags=["slow"])
async def research(topic):
    found = await search(topic, limit=3)
    cl.context.current_step.output = f"{len(found)} pages"
    return found


@cl.on_message
async def main(message: cl.Message):
    found = await research(message.content)
    await cl.Message(content=", ".join(found)).send()
