"""Resume: a thread of 5,000 messages is opened that is in SQLite and that nobody has open, by a client of sockets."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path

import aiohttp

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.quantile import quantile
from benchmarks.harness.rows import Rows
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

IDLE_SECONDS = 1
RESUMES = 3


async def run(target: Target, size: Size) -> Sample:
    messages, at_once = size.of(5_000, 40), size.of(500, 40)
    threads = size.of(RESUMES, 1) if target.peer is None else 1  # which takes minutes to fill
    seconds, cpu, pauses = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder) / "history.db"
        keeping = target.keeping(history)
        environment = {"CONVO_LIMITS__SESSION_TIMEOUT": str(IDLE_SECONDS), "BENCHMARKS_RESUMING": "1"}
        async with Server.start(keeping, environment) as server:
            async with chats(keeping.chat, server.url, threads) as left:
                for number, chat in enumerate(left, 1):
                    for _ in range(messages // at_once):
                        await chat.ask(f"fill {at_once}")
                    await Rows.awaited(history, keeping, number * messages)
            await asyncio.sleep(3 * IDLE_SECONDS)
            async with chats(keeping.chat, server.url, 1) as (other,):
                await other.ask("probe")
                for chat in left:
                    before = server.cpu()
                    seconds.append(await _opened(keeping, server, chat))
                    cpu.append(server.cpu() - before)
                    await asyncio.sleep(0.3)  # what the callback is given may be made after the first page is shown
                    pauses.append(json.loads((await other.ask("probe")).text)["worked"])
    return Sample(
        {
            "first": quantile(seconds, 0.5) * 1e3,
            "slowest": max(seconds) * 1e3,
            "cpu": quantile(cpu, 0.5) * 1e3,
            "pause": max(pauses),
        },
        {"messages": messages, "resumed": len(seconds)},
    )


async def _opened(target: Target, server: Server, before: Chat) -> float:
    """The seconds from opening the socket to the first page of the thread that `before` has left."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        chat: Chat = target.chat(http, server.url)
        chat.succeed(before)
        await chat.visit()
        start = time.perf_counter()
        await chat.open()
        spent = time.perf_counter() - start
        await chat.close()
    return spent


BENCHMARK = Benchmark(
    "resume",
    (
        Figure("first", "5,000 messages from SQLite: socket opened to first page, p50", "ms", Goal(300)),
        Figure("slowest", "the slowest of them", "ms"),
        Figure("cpu", "server CPU of that", "ms"),
        Figure("pause", "longest pause of all others meanwhile, by the server's own work", "ms", Goal(20)),
    ),
    run,
    repeats=1,  # filling the history takes minutes
    only=frozenset({"convo", "chainlit"}),
)
