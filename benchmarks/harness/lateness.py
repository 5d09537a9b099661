"""Lateness: how late this process's own event loop is. Where the client is late, its figures are not the server's."""

from __future__ import annotations

import asyncio
import gc
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.harness.quantile import quantile

__all__ = ["Lateness"]

EVERY_SECONDS = 0.005


class Lateness:
    """What was seen of this process while `watch` was entered."""

    def __init__(self) -> None:
        self.seconds: list[float] = []  # how late each wake-up was
        self.share = 0.0  # of a core, all threads

    @property
    def p99(self) -> float:
        return quantile(self.seconds, 0.99)

    @property
    def longest(self) -> float:
        return max(self.seconds, default=math.inf)

    @classmethod
    @asynccontextmanager
    async def watch(cls) -> AsyncIterator[Lateness]:
        """Watch until the end. The garbage collector rests meanwhile: its pauses would be taken for the server's."""
        lateness = cls()
        gc.collect()
        gc.disable()
        cpu, start = time.process_time(), time.monotonic()
        task = asyncio.create_task(lateness._measure())
        try:
            yield lateness
        finally:
            gc.enable()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            lateness.share = (time.process_time() - cpu) / (time.monotonic() - start)

    async def _measure(self) -> None:
        while True:
            due = time.monotonic() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            self.seconds.append(time.monotonic() - due)
