"""Platforms: what it costs to show conversations on a chat platform: CPU and memory of many at once, and of a token."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from typing import Any

import convo
from convo.bridge import Bridge, Platforms
from convo.memory import MemoryDataLayer
from convo.testing.platform import MemoryPlatform

from benchmarks.harness.benchmark import Benchmark, Figure, Sample, Size
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]


def _app(tokens: int) -> convo.App:
    app = convo.App({"limits": {"commands_per_second": 1e6}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = convo.Message("")
        for _ in range(tokens if message.content == "stream" else 0):
            await reply.stream_token("w ")
            await asyncio.sleep(0.01)
        await reply.stream_token("Done.")
        await reply.update()

    return app


async def _until_shown(there: MemoryPlatform, bridge: Bridge, places: list[str], count: int) -> None:
    def is_shown() -> bool:
        return bridge.is_quiet and all(len(there.shown(place)) == count for place in places)

    async with asyncio.timeout(120):
        while not is_shown():
            await asyncio.sleep(0.02)


async def run(target: Target, size: Size) -> Sample:
    conversations, tokens = size.of(100, 5), size.of(500, 20)
    places = [f"place-{number}" for number in range(conversations)]
    there, app = MemoryPlatform(), _app(tokens)
    directory = await app.startup(MemoryDataLayer())
    bridge = there.create_bridge()
    bridge.edit_seconds = 1.0  # as platforms want it
    platforms = Platforms({"test": bridge})
    platforms.start(directory)
    figures: dict[str, float] = {}

    async def all_say(text: str, count: int) -> float:
        """The CPU of this process until everything is shown."""
        gc.collect()
        start = time.process_time()
        await asyncio.gather(*(there.say(text, place=place, by=place) for place in places))
        await _until_shown(there, bridge, places, count)
        return time.process_time() - start

    tracemalloc.start()
    before: Any = tracemalloc.get_traced_memory()[0]
    await all_say("begin", 1)
    gc.collect()
    figures["memory"] = (tracemalloc.get_traced_memory()[0] - before) / conversations / 1e3
    tracemalloc.stop()
    figures["message"] = await all_say("again", 2) / conversations * 1e3
    figures["token"] = await all_say("stream", 3) / conversations / tokens * 1e6
    edits = [len(there.shown(place)[2].changed_at) for place in places]
    await platforms.stop_receiving()
    await app.shutdown(directory)
    await platforms.stop(5.0)
    return Sample(figures, {"edits": max(edits)})


BENCHMARK = Benchmark(
    "platforms",
    (
        Figure("message", "CPU per message and its answer, 100 conversations at once", "ms"),
        Figure("token", "CPU per token streamed 100 times a second in each, one edit a second", "µs"),
        Figure("memory", "memory per conversation", "kB"),
    ),
    run,
    repeats=1,
    only=frozenset({"convo"}),
)
