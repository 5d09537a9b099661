"""Memory of a process that serves for long."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["settle", "tend"]

LOOK_SECONDS = 1.0
_MIDDLE_COLLECTIONS = 50  # after so many comes a full one, whoever waits; Python's own is 10
_WORTH_IT = 20  # or after so many when nobody waits
_WORTH_CLOSED = 100  # or so many closed connections: what each leaves is in cycles, and the next need its place

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # https://man7.org/linux/man-pages/man3/mallopt.3.html
_THRESHOLD_BYTES = 32 * 1024  # a long message is above it, and goes back when it is freed


def settle() -> None:
    """Say that what is there now stays, and that what is freed from now on goes back to the system.

    Collections during a stream need not look at what was imported. And glibc starts with 128 KiB, but raises
    its thresholds with the blocks it sees freed, and then keeps what is freed; thresholds that were set stay.
    """
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _MIDDLE_COLLECTIONS)
    if (mallopt := _of_libc("mallopt")) is not None:
        mallopt(_M_TRIM_THRESHOLD, _THRESHOLD_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES)


async def tend(is_idle: Callable[[], bool], count_closed: Callable[[], int]) -> None:
    """Do full garbage collections while nobody waits: each stops everything, a hundred chats for some 40 ms."""
    closed = 0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        is_due = gc.get_count()[2] >= _WORTH_IT or count_closed() - closed >= _WORTH_CLOSED
        if is_due and is_idle():
            gc.collect()
            closed = count_closed()
            _trim()


def _trim() -> None:
    """Give back what is free between what is held: glibc itself gives back the end of its heaps alone."""
    if (malloc_trim := _of_libc("malloc_trim")) is not None:
        malloc_trim(0)


def _of_libc(name: str) -> Any:
    """A function of glibc; `None` where there is another C library."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
