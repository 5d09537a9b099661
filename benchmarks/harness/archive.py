"""A history full of conversations in a SQLite file, and a watch on what is asked of it."""

from __future__ import annotations

import random
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

__all__ = ["OWNER", "VOCABULARY", "Watch", "archive"]

OWNER = "owner"
_dice = random.Random(5)
VOCABULARY = ["".join(_dice.choices("abcdefghijklmnoprstuvwy", k=_dice.randint(3, 10))) for _ in range(20_000)]
"""Words, the most frequent first."""
_WEIGHTS = [1 / rank for rank in range(1, len(VOCABULARY) + 1)]  # as in natural languages
WORDS = 60  # of a message


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
    """A history of so many threads with so many messages each, nine of ten `OWNER`'s."""
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        layer = SQLAlchemyDataLayer(f"sqlite:///{Path(folder) / 'history.db'}")
        await layer.open()
        for number in range(threads):
            thread_id = f"thread-{number}"
            thread = ThreadInfo(id=thread_id, name=" ".join(dice.choices(VOCABULARY, k=4)), created_at=timestamp())
            state = State(thread=thread, steps=[_message(dice, n) for n in range(steps)])
            owner_id = OWNER if number % 10 else "somebody else"
            epoch = await layer.claim_thread(thread_id, "benchmark")
            await layer.apply(Changes(thread_id, owner_id, epoch, 1, state, []))
        yield layer
        await layer.close()


def _message(dice: random.Random, number: int) -> Step:
    text = " ".join(dice.choices(VOCABULARY, _WEIGHTS, k=WORDS))
    kind = "assistant_message" if number % 2 else "user_message"
    return Step(id=f"step-{number}", type=kind, output=text, created_at=timestamp())  # type: ignore[arg-type]  # one of two
