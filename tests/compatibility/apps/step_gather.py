"""Several tools at a time: each below the step that called it."""

import asyncio

import chainlit as cl


@cl.step(type="tool")
async def fetch(page: int):
    async with cl.Step(name=f"parse {page}"):
        await asyncio.sleep(0)
    return page * 10


@cl.step(name="Crawl", type="tool")
async def crawl(pages):
    return await asyncio.gather(*[fetch(page) for page in pages])


@cl.on_message
async def main(message: cl.Message):
    left, right = await asyncio.gather(crawl([1, 2]), crawl([3]))
    await cl.Message(content=f"{left} {right}").send()
