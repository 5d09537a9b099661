"""One of each file-like element, in all three places."""

from pathlib import Path

import chainlit as cl

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
here = Path("notes.txt")


@cl.on_chat_start
async def start():
    here.write_text("from a file")
    elements = [
        cl.Image(name="cat", display="inline", content=PNG, size="large"),
        cl.Text(name="poem", content="Roses are red", display="side"),
        cl.Text(name="code", content="print(1)", language="python", display="inline"),
        cl.Pdf(name="paper", display="page", content=b"%PDF-1.7", page=2),
        cl.Audio(name="song.mp3", url="https://example.com/song.mp3", display="inline", auto_play=True),
        cl.Video(name="film.mp4", url="https://example.com/film.mp4", player_config={"light": True}),
        cl.File(name="notes.txt", path=str(here), display="inline"),
    ]
    await cl.Message(content="See cat, poem and paper.", elements=elements).send()


@cl.on_message
async def add(message: cl.Message):
    msg = cl.Message(content="more")
    msg.elements = [cl.Image(name="dog", url="https://example.com/dog.png", mime="image/png")]
    await msg.send()
    late = cl.Text(name="late", content="after the message")
    await late.send(for_id=msg.id)
    await msg.elements[0].remove()
