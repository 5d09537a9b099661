"""Files that come with a message."""

import chainlit as cl


@cl.on_message
async def on_message(msg: cl.Message):
    if not msg.elements:
        await cl.Message(content="No file attached").send()
        return
    images = [file for file in msg.elements if "image" in file.mime]
    texts = [file for file in msg.elements if isinstance(file, cl.File) and file.mime.startswith("text/")]
    lines = [f"{len(images)} image(s)"]
    for file in texts:
        with open(file.path) as f:
            lines.append(f"{file.name}: {f.read()}")
    kinds = " ".join(type(element).__name__ for element in msg.elements)
    await cl.Message(content=f"{kinds}; {'; '.join(lines)}").send()
