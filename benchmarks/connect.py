"""Connect: 50 visitors at a time, from opening the socket to the first message, which `on_chat_start` sends."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import PATIENCE, Chat
from benchmarks.harness.quantile import quantile
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

GREETING = "Hello!"


async def run(target: Target, size: Size) -> Sample:
    crowd, crowds = size.of(50, 5), size.of(8, 2)
    seconds: list[float] = []

    async def connect(chat: Chat) -> float:
        start = time.perf_counter()
        await chat.open()
        reply = await chat.greeted()
        if reply.text != GREETING:
            raise AssertionError(f"{target.title} greeted with {reply.text!r}")
        return time.perf_counter() - start

    async with (
        Server.start(target, {"BENCHMARKS_GREETING": GREETING}) as server,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(PATIENCE),
        ) as http,
    ):
        spent = own = 0.0
        for number in range(crowds + 1):
            chats = [target.chat(http, server.url) for _ in range(crowd)]
            for chat in chats:
                await chat.visit()  # the page is another benchmark's
            before, own_before = server.cpu(), time.process_time()
            taken = await asyncio.gather(*(connect(chat) for chat in chats))
            if number:  # the first crowd warms
                spent += server.cpu() - before
                own += time.process_time() - own_before
                seconds += taken
            await asyncio.gather(*(chat.close() for chat in chats))
    return Sample(
        {
            "p50": quantile(seconds, 0.5) * 1e3,
            "p99": quantile(seconds, 0.99) * 1e3,
            "cpu": spent / len(seconds) * 1e3,
            "client": own / len(seconds) * 1e3,
        },
        {"greetings": len(seconds)},
    )


BENCHMARK = Benchmark(
    "connect",
    (
        Figure("p50", "socket opened to first message, 50 at a time, p50", "ms", Goal(80)),
        Figure("p99", "the same, p99", "ms"),
        Figure("cpu", "server CPU per connect", "ms", Goal(1.5)),
        Figure("client", "CPU of the client itself per connect", "ms"),
    ),
    run,
)
