"""Resilience: how soon it goes on after a cut, stops and ends, and what others' blocking code does to it."""

from __future__ import annotations

import asyncio
import time
from typing import cast

from benchmarks.harness.benchmark import Benchmark, Figure, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.dialects.tab import Tab
from benchmarks.harness.quantile import quantile
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

RATE = 50
SLEEP_SECONDS = 10


async def run(target: Target, size: Size) -> Sample:
    cut = await reconnect(target, size)
    stopped = await stop(target, size)
    beside = await block(target, size)
    ended = await end(target, size)
    return Sample(
        {
            "reconnect": quantile(cut, 0.5) * 1e3,
            "stop": quantile(stopped, 0.5) * 1e3,
            "beside": quantile(beside, 0.5) * 1e3,
            "slowest": max(beside) * 1e3,
            "exit": ended,
        },
        {"cuts": len(cut), "stops": len(stopped), "answers": len(beside)},
    )


async def reconnect(target: Target, size: Size) -> list[float]:
    """Seconds from a lost socket to the first frame after it, of one that streams and comes back at once."""
    cuts = size.of(20, 2)
    seconds: list[float] = []
    async with Server.start(target) as server, chats(Tab, server.url, 1) as (chat,):
        tab = cast("Tab", chat)
        asking = asyncio.create_task(tab.ask(f"paced {(cuts + 2) * 10} {RATE}"))
        for _ in range(cuts):
            await asyncio.sleep(0.1)
            start = time.perf_counter()
            await tab.cut()
            await tab.open()
            seconds.append(time.perf_counter() - start)
        reply = await asking
    due = [float(one) for one in reply.text.split()]
    if len(due) != (cuts + 2) * 10 or due != sorted(due):
        raise AssertionError(f"{target.title} lost or doubled tokens at a cut")
    return seconds


async def stop(target: Target, size: Size) -> list[float]:
    """Seconds from the command to the run's end, of one that streams."""
    seconds: list[float] = []
    words = asyncio.Queue[str]()
    async with Server.start(target) as server, chats(Tab, server.url, 1) as (chat,):
        tab = cast("Tab", chat)
        for _ in range(size.of(20, 2)):
            asking = asyncio.create_task(tab.ask(f"paced 10000 {RATE}", lambda text, _: words.put_nowait(text)))
            await words.get()
            seconds.append(await tab.stop())
            while not words.empty():
                words.get_nowait()
            if len((await asking).text.split()) > RATE:
                raise AssertionError(f"{target.title} went on after it was stopped")
    return seconds


async def block(target: Target, size: Size) -> list[float]:
    """Seconds from a question to the first words of its answer, beside 20 callbacks that sleep in a plain `def`."""
    sleepers = size.of(20, 2)
    seconds: list[float] = []
    came: list[float] = []
    blocking = target.serving("benchmarks/servers/blocking_app.py")
    async with Server.start(blocking) as server, chats(Tab, server.url, sleepers + 1) as (chat, *others):
        await chat.ask("tokens 5")  # warm
        asleep = [asyncio.create_task(other.ask(f"sleep {SLEEP_SECONDS}")) for other in others]
        await asyncio.sleep(0.2)
        for _ in range(size.of(20, 2)):
            start = time.monotonic()
            came.clear()
            reply = await chat.ask("tokens 5", lambda _, at: came.append(at))
            if reply.text != "0 1 2 3 4 ":
                raise AssertionError(f"{target.title} answered {reply.text!r}")
            seconds.append(came[0] - start)
        if any(task.done() for task in asleep):
            raise AssertionError("The sleepers did not sleep")
        for task in asleep:
            task.cancel()
        await asyncio.gather(*asleep, return_exceptions=True)
    return seconds


async def end(target: Target, size: Size) -> float:
    """Seconds from SIGTERM to the exit, with 200 open streams."""
    streams = size.of(200, 5)
    words = asyncio.Queue[str]()
    async with Server.start(target) as server, chats(Tab, server.url, streams) as opened:
        asking = [
            asyncio.create_task(chat.ask(f"paced 10000 {RATE / 10}", lambda text, _: words.put_nowait(text)))
            for chat in opened
        ]
        for _ in range(2 * streams):
            await words.get()
        seconds = await server.end()
        replies = await asyncio.gather(*asking, return_exceptions=True)
    if not all(isinstance(reply, ConnectionError) for reply in replies):
        raise AssertionError(f"{target.title} said that an unfinished answer is complete")
    return seconds


BENCHMARK = Benchmark(
    "resilience",
    (
        Figure("reconnect", "cut to the first frame after it, p50", "ms"),
        Figure("stop", "stop to the run's end, p50", "ms"),
        Figure("beside", "first words beside 20 callbacks that block, p50", "ms"),
        Figure("slowest", "the same, slowest", "ms"),
        Figure("exit", "SIGTERM to exit with 200 open streams", "s"),
    ),
    run,
    repeats=3,
    only=frozenset({"convo"}),
)
