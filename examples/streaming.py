"""An async generator as callback: what it yields streams into the answer.

Run it with: convo run examples/streaming.py
"""

import asyncio
from collections.abc import AsyncIterator

import convo


@convo.on_message
async def answer(message: convo.Message) -> AsyncIterator[str]:
    for word in message.content.split():
        yield word[::-1] + " "
        await asyncio.sleep(0.05)
