"""Messages that change, and one that goes."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    msg = cl.Message(content="Hello!")
    await msg.send()
    msg.content = "Hello again!"
    msg.language = "python"
    msg.metadata = {"revised": True}
    assert await msg.update()

    progress = await cl.Message(content="Thinking…", author="Progress").send()
    await progress.remove()

    copy = cl.Message.from_dict(msg.to_dict())
    assert (copy.id, copy.content, copy.language) == (msg.id, msg.content, "python")
