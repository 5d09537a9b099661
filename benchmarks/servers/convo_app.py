"""convo, as an author would write it."""

from __future__ import annotations

import convo

from benchmarks.servers.source import paced, tokens


@convo.on_message
async def answer(message: convo.Message) -> None:
    match message.content.split():
        case ["tokens", count]:
            reply = convo.Message()
            for token in tokens(int(count)):
                await reply.stream_token(token)
            await reply.update()
        case ["paced", count, rate]:
            await convo.Message().stream(paced(int(count), float(rate)))
        case _:
            await convo.Message(message.content).send()
