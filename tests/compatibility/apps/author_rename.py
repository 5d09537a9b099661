"""Names that are shown differently from what the code calls them."""

import chainlit as cl


@cl.author_rename
async def rename(orig_author: str):
    rename_dict = {"Assistant": "Ada", "LLMMathChain": "Albert Einstein"}
    return rename_dict.get(orig_author, orig_author)


@cl.on_message
async def main(message: cl.Message):
    await cl.Message(content="two and two", author="LLMMathChain").send()
    await cl.Message(content="is four").send()
