"""Steps in blocking code, in worker threads."""

import asyncio

import chainlit as cl


@cl.step(type="embedding")
def embed(text: str):
    return [len(text)]


def index(document: str):
    with cl.Step(name=f"index {document}", type="retrieval") as step:
        step.output = embed(document)
        cl.run_sync(cl.Message(content=f"{document} is in").send())
    return document


@cl.on_message
async def main(message: cl.Message):
    documents = message.content.split()
    done = await asyncio.gather(*[cl.make_async(index)(document) for document in documents])
    await cl.Message(content=f"Indexed {len(done)}").send()
