"""Elements: what a message shows besides its text, below it, beside the chat and on pages of their own.

Run it with: convo run examples/elements.py
"""

import io
import math
import struct
import wave
import zlib

import convo

REPORT = """## Tides of the week

| day | high water | height |
|---|---|---|
| Monday | 06:12 | 4.1 m |
| Tuesday | 06:58 | 4.3 m |
| Wednesday | 07:41 | 4.6 m |

Spring tide is on **Wednesday**.
"""
QUERY = "select day, max(height)\nfrom tides\nwhere station = 'Brest'\ngroup by day\n"


@convo.set_starters
async def starters() -> list[convo.Starter]:
    return [convo.Starter(label=label, message=label) for label in ("Pictures", "Sound and film", "A report")]


@convo.on_message
async def show(message: convo.Message) -> None:
    if message.content == "Pictures":
        names = ("dawn", "noon", "dusk")
        pictures = [convo.Image(name, content=sky(hue)) for hue, name in enumerate(names)]
        await convo.Message("The sky over the day.", elements=pictures).send()
    elif message.content == "Sound and film":
        elements = [
            convo.Audio("A.wav", content=tone()),
            convo.Video("Big Buck Bunny", url="https://www.youtube.com/watch?v=aqz-KE-bpKQ"),
            convo.File("tides.csv", content="day,height\nMonday,4.1\nTuesday,4.3\n"),
        ]
        await convo.Message(
            "A tone, a film that asks its host for nothing before you play it, a file.", elements=elements
        ).send()
    else:
        elements = [
            convo.Text("the report", content=REPORT, display="side"),
            convo.Text("the query", content=QUERY, language="sql", display="side"),
            convo.Image("the map", content=sky(1), display="page"),
        ]
        await convo.Message("Read the report, made by the query. The map is on its own page.", elements=elements).send()


def sky(hue: int) -> bytes:
    """A picture as a PNG: colours from above to below."""
    width, height = 480, 360
    rows = bytearray()
    for y in range(height):
        light = y / height
        colour = [int(90 + 140 * light), int(110 + 60 * light), int(200 - 90 * light)]
        rows += b"\0" + bytes(colour[-hue:] + colour[:-hue]) * width
    size = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tone() -> bytes:
    """One second of the A above middle C, as a WAV."""
    samples = (int(9000 * math.sin(2 * math.pi * 440 * i / 16_000)) for i in range(16_000))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return out.getvalue()
