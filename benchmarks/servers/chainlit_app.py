"""Chainlit, as an author would write it. Runs in its own environment, which has neither convo nor its tools."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import chainlit
from chainlit.config import config

from benchmarks.servers.probe import PROBE
from benchmarks.servers.prose import prose, typed
from benchmarks.servers.source import paced, tokens

if "BENCHMARKS_HISTORY" in os.environ:
    from benchmarks.servers import chainlit_history  # here: without a history nobody should weigh what keeps it

    chainlit_history.keep()

if "CONVO_LIMITS__SESSION_TIMEOUT" in os.environ:  # so that sessions end as soon as convo's
    config.project.session_timeout = float(os.environ["CONVO_LIMITS__SESSION_TIMEOUT"])

if greeting := os.environ.get("BENCHMARKS_GREETING"):

    @chainlit.on_chat_start  # type: ignore[untyped-decorator]
    async def greet() -> None:
        await chainlit.Message(content=greeting).send()


async def finished(tasks: set[asyncio.Task[Any]]) -> None:
    """Let it store what it has: it loses what does not get a connection within its patience."""
    if tasks:
        await asyncio.wait(tasks, timeout=2)


@chainlit.on_message  # type: ignore[untyped-decorator]  # it is not installed where types are checked
async def answer(message: chainlit.Message) -> None:
    match message.content.split():
        case ["tokens", count]:
            reply = chainlit.Message(content="")
            for token in tokens(int(count)):
                await reply.stream_token(token)
            await reply.update()
        case ["paced", count, rate]:
            reply = chainlit.Message(content="")
            async for token in paced(int(count), float(rate)):
                await reply.stream_token(token)
            await reply.update()
        case ["prose", count, rate]:
            reply = chainlit.Message(content="")
            async for token in typed(int(count), float(rate)):
                await reply.stream_token(token)
            await reply.update()
        case ["fill", count]:
            before = asyncio.all_tasks()
            for number in range(int(count) // 2):
                if number % 10 == 9:
                    await finished(asyncio.all_tasks() - before)
                await chainlit.Message(content=f"Question {number}", type="user_message").send()
                await chainlit.Message(content="".join(prose(40 + number % 120))).send()
        case ["probe"]:
            await chainlit.Message(content=PROBE.report()).send()
        case _:
            await chainlit.Message(content=message.content).send()
