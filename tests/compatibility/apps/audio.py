"""Voice in and out, as a realtime model would be wired."""

import chainlit as cl


@cl.on_audio_start
async def on_audio_start():
    cl.user_session.set("audio", [])
    return True


@cl.on_audio_chunk
async def on_audio_chunk(chunk: cl.InputAudioChunk):
    if chunk.isStart:
        cl.user_session.set("mime", chunk.mimeType)
    cl.user_session.get("audio").append(chunk.data)
    await cl.context.emitter.send_audio_interrupt()


@cl.on_audio_end
async def on_audio_end():
    audio = b"".join(cl.user_session.get("audio"))
    await cl.context.emitter.send_audio_chunk(
        cl.OutputAudioChunk(mimeType="pcm16", data=audio, track=cl.user_session.get("id"))
    )
    await cl.Message(content=f"Heard {len(audio)} bytes of {cl.user_session.get('mime')}").send()


@cl.on_message
async def main(message: cl.Message):
    await cl.Message(content="Talk to me").send()
