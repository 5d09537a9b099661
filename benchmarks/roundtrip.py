"""Roundtrip: sessions that ask, wait for the complete answer, and ask again: one without a pause, many each second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.lateness import Lateness
from benchmarks.harness.quantile import quantile
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

CROWDS = (1, 50, 200)  # sessions that ask once a second


async def run(target: Target, size: Size) -> Sample:
    count = size.of(300, 20)
    replies = 0
    async with Server.start(target) as server, AsyncExitStack() as stack:
        opened = await stack.enter_async_context(chats(target.chat, server.url, 1))
        for _ in range(10):
            await opened[0].ask("warm")
        before = server.cpu()
        seconds = [await ask(target, opened[0], f"Message {number}") for number in range(count)]
        spent = server.cpu() - before
        values = {
            "p50": quantile(seconds, 0.5) * 1e3,
            "p99": quantile(seconds, 0.99) * 1e3,
            "cpu": spent / count * 1e6,
        }
        replies += count
        for crowd in CROWDS:
            missing = size.of(crowd, min(crowd, 5)) - len(opened)
            opened += await stack.enter_async_context(chats(target.chat, server.url, missing))
            values |= {f"{key} {crowd}": value for key, value in (await calm(server, opened, size)).items()}
            replies += len(opened) * size.of(10, 2)
    return Sample(values, {"replies": replies})


async def calm(server: Server, chats: Sequence[Chat], size: Size) -> dict[str, float]:
    """`chats` that ask once a second each, spread over the second."""
    turns, every = size.of(10, 2), size.of(10, 1) / 10
    seconds: list[float] = []

    async def ask_calmly(chat: Chat, start: float) -> None:
        for number in range(turns):
            await asyncio.sleep(max(0.0, start + number * every - time.monotonic()))
            seconds.append(await ask(server.target, chat, f"Message {number}"))

    await asyncio.gather(*(chat.ask("warm") for chat in chats))
    async with Lateness.watch() as client:
        start, cpu = time.monotonic(), server.cpu()
        await asyncio.gather(
            *(ask_calmly(chat, start + number / len(chats) * every) for number, chat in enumerate(chats))
        )
        spent = server.cpu() - cpu
    return {
        "p50": quantile(seconds, 0.5) * 1e3,
        "p99": quantile(seconds, 0.99) * 1e3,
        "cpu": spent / len(seconds) * 1e6,
        "client": client.p99 * 1e3,
    }


async def ask(target: Target, chat: Chat, text: str) -> float:
    reply = await chat.ask(text)
    if reply.text != text:
        raise AssertionError(f"{target.title} answered {reply.text!r}")
    return reply.seconds


def figures(crowd: int) -> tuple[Figure, ...]:
    sessions = f"{crowd} session{'s' if crowd > 1 else ''} asking each second"
    return (
        Figure(f"p50 {crowd}", f"{sessions}: p50", "ms", Goal(5) if crowd == max(CROWDS) else None),
        Figure(f"p99 {crowd}", f"{sessions}: p99", "ms"),
        Figure(f"cpu {crowd}", f"{sessions}: server CPU per message", "µs"),
        Figure(f"client {crowd}", f"{sessions}: lateness of the client itself, p99", "ms"),
    )


BENCHMARK = Benchmark(
    "roundtrip",
    (
        Figure("p50", "message to complete reply, p50", "ms", Goal(1.5)),
        Figure("p99", "message to complete reply, p99", "ms"),
        Figure("cpu", "server CPU per message", "µs", Goal(3, is_multiple=True)),
        *(figure for crowd in CROWDS for figure in figures(crowd)),
    ),
    run,
)
