"""A speech service to try `voice.py` with, in place of a real one: it hears tones as words, and says words as tones.

Run it with: hypercorn --bind 127.0.0.1:8100 examples/speech/service.py:service

It always hears and says the same. `POST /transcribe` takes sound and answers `{"text": …}`: for each half second of
sound one word, `low`, `middle` or `high`. `POST /speak` takes `{"text": …}` and streams sound, a tone for each word, as
long as the word. Sound is 16-bit little-endian samples, one channel, 24,000 a second.
"""

import math
import sys
from array import array
from collections.abc import AsyncIterator
from itertools import pairwise

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

RATE = 24_000
PIECE = RATE // 2  # samples that are one word
QUIET = 1_000  # of 32,768: below this is silence
MOST_BYTES = 60 * RATE * 2  # a minute


async def transcribe(request: Request) -> Response:
    sound = b""
    async for piece in request.stream():
        sound += piece
        if len(sound) > MOST_BYTES:
            return JSONResponse({"error": "At most a minute of sound can be heard at a time."}, 413)
    samples = _samples(sound)
    words = [_word(samples[at : at + PIECE]) for at in range(0, len(samples), PIECE)]
    return JSONResponse({"text": " ".join(word for word in words if word)})


async def speak(request: Request) -> Response:
    asked = await request.json()
    text = asked.get("text") if isinstance(asked, dict) else None
    if not isinstance(text, str) or len(text) > 10_000:
        return JSONResponse({"error": 'Send `{"text": "…"}`, of at most 10,000 characters.'}, 422)

    async def pieces() -> AsyncIterator[bytes]:
        for word in text.split():
            yield _tone(300 + 40 * (len(word) % 10), 0.15 * len(word))

    return StreamingResponse(pieces(), media_type="audio/pcm")


def _samples(sound: bytes) -> "array[int]":
    samples = array("h", sound[: len(sound) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _word(samples: "array[int]") -> str:
    """What a piece of sound is heard as; nothing for silence and for what is too short."""
    if len(samples) < PIECE // 5 or max(samples) < QUIET:
        return ""
    hertz = sum(before < 0 <= after for before, after in pairwise(samples)) * RATE / len(samples)
    return "low" if hertz < 400 else "middle" if hertz < 800 else "high"


def _tone(hertz: float, seconds: float) -> bytes:
    """A tone that comes and goes softly."""
    count = int(RATE * seconds)
    wave = (math.sin(2 * math.pi * hertz * i / RATE) * math.sin(math.pi * i / count) for i in range(count))
    samples = array("h", (int(12_000 * sample) for sample in wave))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


service = Starlette(
    routes=[Route("/transcribe", transcribe, methods=["POST"]), Route("/speak", speak, methods=["POST"])]
)
"""What a server runs."""
