from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest
from convo_cli import memory


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    thresholds, callbacks = gc.get_threshold(), list(gc.callbacks)
    yield
    gc.callbacks[:] = callbacks
    gc.set_threshold(*thresholds)
    gc.unfreeze()


async def test_the_garbage_of_a_stream_waits_until_nobody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.settle()
    assert gc.get_freeze_count() > 0
    monkeypatch.setattr(memory, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(memory, "_WORTH_IT", 0)
    full = _collections()
    is_idle = False
    tending = asyncio.create_task(memory.tend(lambda: is_idle, lambda: 0))
    await asyncio.sleep(0.02)
    assert 2 not in full
    is_idle = True
    async with asyncio.timeout(10):
        while 2 not in full:
            await asyncio.sleep(0.001)
    tending.cancel()


async def test_what_closed_connections_leave_is_collected_before_the_next_come(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.settle()
    monkeypatch.setattr(memory, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(memory, "_WORTH_IT", 1 << 30)
    full = _collections()
    closed = 99
    tending = asyncio.create_task(memory.tend(lambda: True, lambda: closed))
    await asyncio.sleep(0.02)
    assert 2 not in full
    closed = 100
    async with asyncio.timeout(10):
        while 2 not in full:
            await asyncio.sleep(0.001)
    tending.cancel()


def _collections() -> list[int]:
    """The generation of each collection from now on."""
    found: list[int] = []
    gc.callbacks.append(lambda phase, info: found.append(info["generation"]))
    return found
