"""What all servers stream: tokens as fast as they come, or on a schedule that each token carries."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator

__all__ = ["paced", "tokens"]


def tokens(count: int) -> Iterator[str]:
    """`count` tokens that say their number, so that a reader can tell whether all came, in order."""
    for number in range(count):
        yield f"{number} "


async def paced(count: int, rate: float) -> AsyncIterator[str]:
    """`count` tokens, `rate` a second. Each is the time it was due, on the clock all processes share."""
    start = time.monotonic() + random.random() / rate  # sessions don't march in step
    for number in range(count):
        due = start + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        yield f"{due:.5f} "
