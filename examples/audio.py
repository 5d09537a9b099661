"""Talk instead of writing: the app measures what it hears, and answers with a tune that can be interrupted.

Run it with: convo run examples/audio.py
"""

import math
import time
from array import array

import convo

RATE = 24_000  # what `features.audio.sample_rate` says

heard = convo.user_session.create_accessor("heard", 0)
began = convo.user_session.create_accessor("began", 0.0)
level = convo.user_session.create_accessor("level", 0)


@convo.on_audio_start
async def start() -> bool:
    """Truthy: come in. Here a model for speech would be connected."""
    heard.set(0)
    level.set(0)
    await convo.context.emitter.send_audio_interrupt()  # who begins to talk is not talked to
    return True


@convo.on_audio_chunk
async def listen(chunk: convo.InputAudioChunk) -> None:
    if chunk.isStart:
        began.set(time.monotonic())
    samples = array("h", chunk.data)  # 16 bits each, one channel
    heard.set(heard.get() + len(samples))
    level.set(max(level.get(), max(samples, key=abs, default=0), key=abs))


@convo.on_audio_end
async def end() -> None:
    seconds = heard.get() / RATE
    took = time.monotonic() - began.get() if heard.get() else 0.0
    loudest = abs(level.get()) / 32768
    await convo.Message(f"I heard {seconds:.1f} s of sound within {took:.1f} s; the loudest was {loudest:.0%}.").send()
    for hertz in (523, 659, 784):
        await convo.context.emitter.send_audio_chunk(
            convo.OutputAudioChunk(mimeType="pcm16", track="tune", data=tone(hertz, 0.4))
        )


@convo.on_message
async def answer(message: convo.Message) -> None:
    if message.content == "quiet":
        await convo.context.emitter.send_audio_interrupt()
        await convo.Message("Not a sound.").send()
        return
    await convo.Message("Press the microphone and say something.").send()


def tone(hertz: int, seconds: float) -> bytes:
    """A tone that comes and goes softly."""
    count = int(RATE * seconds)
    wave = (math.sin(2 * math.pi * hertz * i / RATE) * math.sin(math.pi * i / count) for i in range(count))
    return array("h", (int(12_000 * sample) for sample in wave)).tobytes()
