"""Turn: one nested step and one reply, stored in SQLite. Shows what storing costs beside the same turn in memory."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

SESSIONS = 20
APPS = {"convo": "benchmarks/servers/turn_app.py", "chainlit": "benchmarks/servers/chainlit_turn_app.py"}


async def run(target: Target, size: Size) -> Sample:
    turns, settle = (size.of(10, 1), size.of(5, 2) / 10) if target.peer is None else (size.of(4, 1), 2.0)
    serving = target.serving(APPS[target.name])
    with tempfile.TemporaryDirectory() as folder:
        stored = await measure(serving.keeping(Path(folder) / "history.db"), turns, settle)
    kept = await measure(serving, turns, settle)
    if stored["statements"] == 0 or kept["statements"] != 0:
        raise AssertionError("Statements were counted where there was no database, or none where there was one")
    return Sample(
        {
            "statements": stored["statements"],
            "transactions": stored["transactions"],
            "cpu": stored["cpu"] - kept["cpu"],
            "memory": kept["cpu"],
        },
        {"turns": SESSIONS * turns},
    )


async def measure(target: Target, turns: int, settle: float) -> dict[str, float]:
    """Per turn: statements, transactions and milliseconds of CPU. The first, which claims the thread, is left out.

    In `settle` seconds a turn is stored: one that comes sooner would share its transaction.
    """

    async def turn(chat: Chat) -> None:
        reply = await chat.ask("Atlas")
        if reply.text != "About Atlas":
            raise AssertionError(f"The answer was {reply.text!r}")

    async with Server.start(target) as server, chats(target.chat, server.url, SESSIONS + 1) as opened:
        counter, *rest = opened
        await counter.ask("count")
        await asyncio.gather(*(turn(chat) for chat in rest))
        await asyncio.sleep(2 * settle)
        before, cpu = json.loads((await counter.ask("count")).text), server.cpu()
        for _ in range(turns):
            await asyncio.gather(*(turn(chat) for chat in rest))
            await asyncio.sleep(settle)
        spent, after = server.cpu() - cpu, json.loads((await counter.ask("count")).text)
    count = turns * len(rest) + 1  # the counter's own question is one too
    return {
        "statements": (after[0] - before[0]) / count,
        "transactions": (after[1] - before[1]) / count,
        "cpu": spent / count * 1e3,
    }


BENCHMARK = Benchmark(
    "turn",
    (
        Figure("statements", "statements per turn on SQLite", "", Goal(5)),
        Figure("transactions", "transactions per turn", "", Goal(2)),
        Figure("cpu", "server CPU per turn more than in memory", "ms", Goal(1)),
        Figure("memory", "server CPU per turn in memory", "ms"),
    ),
    run,
    repeats=3,
    only=frozenset({"convo", "chainlit"}),
)
