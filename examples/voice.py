"""Talk with an app: a speech service writes down what is said and reads the answer aloud; who talks again is let speak.

Run it with: convo run examples/voice.py, beside examples/speech/service.py or a service of your own at SPEECH_URL
"""

import asyncio
import os
import sys
from array import array
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import convo
import httpx

RATE = 24_000  # what `features.audio.sample_rate` says
LOUD = 1_500  # of 32,768: from here on somebody speaks
PAUSE = 0.7  # seconds of silence after which a sentence is over
SPEECH_URL = os.environ.get("SPEECH_URL", "http://127.0.0.1:8100")


@dataclass
class Talk:
    """What is being said, and the answer that is being given."""

    sound: bytearray = field(default_factory=bytearray)
    silence: float = 0.0
    answer: asyncio.Task[None] | None = None


talk = convo.user_session.create_accessor("talk", None)


@convo.on_audio_start
async def start() -> bool:
    await interrupt()
    talk.set(Talk())
    return True


@convo.on_audio_chunk
async def listen(chunk: convo.InputAudioChunk) -> None:
    now: Talk = talk.get()
    if loudness(chunk.data) >= LOUD:
        if not now.sound:
            await interrupt()
        now.silence = 0.0
    elif now.sound:
        now.silence += len(chunk.data) / 2 / RATE
    else:
        return  # nobody has begun to speak
    now.sound.extend(chunk.data)
    if now.silence >= PAUSE:
        await take_turn(now)


@convo.on_audio_end
async def end() -> None:
    await take_turn(talk.get())


@convo.on_message
async def write(message: convo.Message) -> None:
    """Who writes is answered in the same way, sound included."""
    await interrupt()
    await reply(message.content)


async def interrupt() -> None:
    """Stop the answer, and silence what of it is still to be heard."""
    now: Talk | None = talk.get()
    if now is not None and now.answer is not None:
        now.answer.cancel()
        now.answer = None
    await convo.context.emitter.send_audio_interrupt()


async def take_turn(now: Talk) -> None:
    """Show what was said as the user's message, and begin to answer while the app goes on listening."""
    sound, now.sound, now.silence = bytes(now.sound), bytearray(), 0.0
    if not sound:
        return
    try:
        text = await transcribe(sound)
    except httpx.HTTPError as error:
        await fail(error)
        return
    if text:
        await convo.Message(text, type="user_message").send()
        now.answer = asyncio.create_task(reply(text))


async def reply(text: str) -> None:
    """Write an answer, and say each sentence as soon as it is there."""
    message = convo.Message("")
    try:
        async for sentence in think(text):
            for word in sentence.split():
                await message.stream_token(f"{word} ")
            async for sound in speak(sentence):
                chunk = convo.OutputAudioChunk(mimeType="pcm16", track="answer", data=sound)
                await convo.context.emitter.send_audio_chunk(chunk)
        await message.update()
    except httpx.HTTPError as error:
        await fail(error)


async def think(text: str) -> AsyncIterator[str]:
    """Sentences as they come: here a model would be asked."""
    words = text.split()
    yield f"I heard {len(words)} words."
    yield f"The last one was {words[-1]}."


async def fail(error: httpx.HTTPError) -> None:
    await convo.ErrorMessage(
        f"The speech service at {SPEECH_URL} failed ({type(error).__name__}); "
        "examples/speech/service.py says how to start one."
    ).send()


# --- The service ---


async def transcribe(sound: bytes) -> str:
    async with httpx.AsyncClient(base_url=SPEECH_URL, timeout=30) as http:
        response = await http.post("/transcribe", content=sound)
        response.raise_for_status()
        return str(response.json()["text"])


async def speak(text: str) -> AsyncIterator[bytes]:
    client = httpx.AsyncClient(base_url=SPEECH_URL, timeout=30)
    async with client as http, http.stream("POST", "/speak", json={"text": text}) as response:
        response.raise_for_status()
        async for sound in response.aiter_bytes(RATE // 5):  # a tenth of a second
            yield sound


def loudness(sound: bytes) -> int:
    samples = array("h", sound)
    if sys.byteorder == "big":
        samples.byteswap()
    return max(map(abs, samples), default=0)
