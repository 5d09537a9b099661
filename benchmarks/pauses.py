"""Pauses: the longest time for which the server's event loop did not come round while 100 sessions streamed.

A probe inside the server measures it, and an idle process beside it what the machine alone does.
"""

from __future__ import annotations

import asyncio
import json
import sys

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.server import ROOT, Server
from benchmarks.harness.streams import Streams
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]


async def run(target: Target, size: Size) -> Sample:
    sessions, seconds = size.of(100, 5), size.of(200, 5) / 10
    async with Server.start(target) as server, chats(target.chat, server.url, sessions) as opened:
        for _ in range(size.of(10, 1)):  # a history: what a garbage collector would look through
            await asyncio.gather(*(chat.ask("tokens 20") for chat in opened))
        await opened[0].ask("probe")
        control = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.servers.probe",
            str(seconds),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        streams = await Streams.measure(server, opened, seconds)
        seen = json.loads((await opened[0].ask("probe")).text)
        machine = json.loads((await control.communicate())[0])
    return Sample(
        {
            "worked": seen["worked"],
            "long": seen["long"],
            "collected": seen["collected"],
            "late": seen["late"],
            "machine": machine["late"],
            "load": streams.share * 100,
        },
        {"tokens": streams.tokens},
    )


BENCHMARK = Benchmark(
    "pauses",
    (
        Figure("worked", "longest pause by the server's own work", "ms", Goal(20)),
        Figure("long", "pauses over 20 ms by its own work", "", Goal(0)),
        Figure("collected", "longest garbage collection", "ms"),
        Figure("late", "longest pause, whoever took the CPU", "ms"),
        Figure("machine", "the same of an idle process beside it", "ms"),
        Figure("load", "server CPU meanwhile", "% of a core"),
    ),
    run,
    repeats=3,
    only=frozenset({"convo", "convo-uvicorn", "chainlit", "bare"}),
)
