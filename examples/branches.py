"""Messages can be edited and answered again; the answer follows the branch that is shown.

Run it with: convo run examples/branches.py
"""

import asyncio

import convo


@convo.on_message
async def answer(message: convo.Message) -> None:
    if message.content == "fail":
        raise RuntimeError("You asked for it.")
    said = [known.content for known in convo.chat_context.get() if known.type == "user_message"]
    reply = convo.Message()
    for piece in f"You said {', then '.join(said)}.".split(" "):
        await reply.stream_token(f"{piece} ")
        await asyncio.sleep(0.02)
    await reply.update()
