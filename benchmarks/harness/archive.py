"""A history full of conversations in a SQLite file, and a watch on what is asked of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from convo.datalayer import Changes
from convo.protocol import State, Step, ThreadInfo, timestamp
from convo_sqlalchemy import SQLAlchemyDataLayer
from sqlalchemy import Engine, event

from benchmarks.harness.corpus import conversations

__all__ = ["Watch", "archive"]


class Watch:
    """Times calls, and counts the statements they take."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statements = 0

    async def call(self, work: Callable[[], Awaitable[Any]]) -> Any:
        event.listen(Engine, "before_cursor_execute", self._count)
        try:
            start = time.perf_counter()
            result = await work()
            self.seconds.append(time.perf_counter() - start)
        finally:
            event.remove(Engine, "before_cursor_execute", self._count)
        return result

    def _count(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            self.statements += 1


@asynccontextmanager
async def archive(threads: int, steps: int) -> AsyncIterator[SQLAlchemyDataLayer]:
    """A history of so many threads with so many messages each."""
    with tempfile.TemporaryDirectory() as folder:
        layer = SQLAlchemyDataLayer(f"sqlite:///{Path(folder) / 'history.db'}")
        await layer.open()
        for number, one in enumerate(conversations(threads, steps)):
            thread_id = f"thread-{number}"
            thread = ThreadInfo(id=thread_id, name=one.name, created_at=timestamp())
            state = State(thread=thread, steps=[_message(text, n) for n, text in enumerate(one.messages)])
            epoch = await layer.claim_thread(thread_id, "benchmark")
            await layer.apply(Changes(thread_id, one.owner, epoch, 1, state, []))
        yield layer
        await layer.close()


def _message(text: str, number: int) -> Step:
    kind = "assistant_message" if number % 2 else "user_message"
    return Step(id=f"step-{number}", type=kind, output=text, created_at=timestamp())  # type: ignore[arg-type]  # one of two
