"""Rows of a history in a SQLite file, counted from outside."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.target import Target

__all__ = ["Rows"]

TABLES = {"convo": "convo_entries", "chainlit": "steps"}  # with a row for each message, step and run
LOOK_SECONDS = 0.02
PATIENCE = 3.0  # after the last row


@dataclass(frozen=True)
class Rows:
    """How many there are, and when the last of them came, as `time.perf_counter` has it."""

    count: int
    at: float

    @classmethod
    async def awaited(cls, history: Path, target: Target, least: int) -> Rows:
        """Wait until there are so many, or no more come: who writes without looking whether it worked may lose some."""
        with closing(sqlite3.connect(f"file:{history}?mode=ro", uri=True)) as database:
            count, at = 0, time.perf_counter()
            while count < least and time.perf_counter() - at < PATIENCE:
                await asyncio.sleep(LOOK_SECONDS)
                (seen,) = database.execute(f"SELECT count(*) FROM {TABLES[target.name]}").fetchone()
                if seen != count:
                    count, at = seen, time.perf_counter()
        return cls(count, at)
