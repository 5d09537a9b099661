"""Writes: 20 visitors who ask as soon as they are answered, and how fast their turns get into SQLite."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.harness.benchmark import Benchmark, Figure, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.rows import Rows
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target
from benchmarks.turn import APPS

__all__ = ["BENCHMARK"]

ROWS = 4  # of a turn: question, run, step, reply


async def run(target: Target, size: Size) -> Sample:
    visitors, turns = size.of(20, 4), size.of(10, 2)
    asked = visitors * turns * ROWS
    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder) / "history.db"
        keeping = target.serving(APPS[target.name]).keeping(history)
        async with Server.start(keeping) as server, chats(keeping.chat, server.url, visitors) as opened:

            async def ask(chat: Chat) -> None:
                for _ in range(turns):
                    await chat.ask("Atlas")

            start, cpu = time.perf_counter(), server.cpu()
            await asyncio.gather(*(ask(chat) for chat in opened))
            answered = time.perf_counter() - start
            rows = await Rows.awaited(history, keeping, asked)
            spent = server.cpu() - cpu
    stored = rows.at - start
    return Sample(
        {
            "rows": rows.count / stored,
            "turns": visitors * turns / stored,
            "behind": (stored - answered) * 1e3,
            "lost": asked - rows.count,
            "cpu": spent / rows.count * 1e6,
        },
        {"turns": visitors * turns, "rows": rows.count},
    )


BENCHMARK = Benchmark(
    "writes",
    (
        Figure("rows", "20 visitors in a closed loop: rows stored per second", ""),
        Figure("turns", "the same: turns answered and stored per second", ""),
        Figure("behind", "the last row after the last answer", "ms"),
        Figure("lost", "rows that never came", ""),
        Figure("cpu", "server CPU per row, the turn's included", "µs"),
    ),
    run,
    repeats=3,
    only=frozenset({"convo", "chainlit"}),
)
