"""Questions about a document, answered with its sources."""

import chainlit as cl


@cl.on_chat_start
async def on_chat_start():
    files = await cl.AskFileMessage(content="Upload a document", accept={"text/plain": [".txt"]}, max_size_mb=2).send()
    msg = cl.Message(content=f"Processing `{files[0].name}`...")
    await msg.send()
    with open(files[0].path) as file:
        paragraphs = await cl.make_async(file.read)()
    cl.user_session.set("chunks", paragraphs.split("\n\n"))
    msg.content = f"Processing `{files[0].name}` done. You can now ask questions!"
    await msg.update()


@cl.step(type="retrieval")
async def retrieve(question):
    words = set(question.lower().split())
    return [chunk for chunk in cl.user_session.get("chunks") if words & set(chunk.lower().split())]


@cl.on_message
async def main(message: cl.Message):
    chunks = await retrieve(message.content)
    sources = [cl.Text(content=chunk, name=f"source_{i}", display="side") for i, chunk in enumerate(chunks)]
    answer = chunks[0] if chunks else "I do not know."
    if sources:
        answer += f"\nSources: {', '.join(source.name for source in sources)}"
    await cl.Message(content=answer, elements=sources).send()
