"""A panel beside the chat, filled and closed by the app."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    if message.content == "close":
        await cl.ElementSidebar.set_elements([])
        return
    elements = [cl.Text(content="Here is a side text document", name="text1"), cl.Image(name="pic", content=b"GIF89a")]
    await cl.ElementSidebar.set_elements(elements, key="docs")
    await cl.ElementSidebar.set_title("Sidebar title")
