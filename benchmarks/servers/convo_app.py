"""convo, as an author would write it."""

from __future__ import annotations

import os

import convo

from benchmarks.servers.probe import PROBE
from benchmarks.servers.prose import RICH_SECTION, prose, typed
from benchmarks.servers.source import paced, tokens

if greeting := os.environ.get("BENCHMARKS_GREETING"):

    @convo.on_chat_start
    async def greet() -> None:
        await convo.Message(str(greeting)).send()


if "BENCHMARKS_RESUMING" in os.environ:

    @convo.on_chat_resume
    async def resume(thread: convo.types.ThreadDict) -> None:
        pass


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
        case ["prose", count, rate]:
            await convo.Message().stream(typed(int(count), float(rate)))
        case ["rich", count, rate]:
            await convo.Message().stream(typed(int(count), float(rate), RICH_SECTION))
        case ["fill", count]:
            for number in range(int(count) // 2):
                await convo.Message(f"Question {number}", type="user_message").send()
                await convo.Message("".join(prose(40 + number % 120))).send()
        case ["probe"]:
            await convo.Message(PROBE.report()).send()
        case _:
            await convo.Message(message.content).send()
