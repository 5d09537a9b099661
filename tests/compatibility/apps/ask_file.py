"""A file that is asked for until it comes."""

import chainlit as cl


@cl.on_chat_start
async def start():
    files = None
    while files is None:
        files = await cl.AskFileMessage(
            content="Please upload a text file to begin!", accept=["text/plain"], max_size_mb=1, timeout=180
        ).send()

    text_file = files[0]
    with open(text_file.path, encoding="utf-8") as f:
        text = f.read()
    await cl.Message(content=f"`{text_file.name}` uploaded, it contains {len(text)} characters!").send()


@cl.on_message
async def more(message: cl.Message):
    files = await cl.AskFileMessage(
        content="Pictures?", accept={"image/png": [".png"]}, max_files=2, author="Camera"
    ).send()
    await cl.Message(content=", ".join(f"{file.name} {file.type} {file.size}" for file in files or [])).send()
