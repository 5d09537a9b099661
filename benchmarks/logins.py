"""Log-ins: how late ten streams are while 1,000 users log in at once, beside the same streams alone."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.harness.benchmark import Benchmark, Figure, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.quantile import quantile
from benchmarks.harness.server import ROOT, Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

SESSIONS = 10
RATE = 50


async def run(target: Target, size: Size) -> Sample:
    users, alone_seconds = size.of(1_000, 20), size.of(40, 5) / 10
    serving = target.serving("benchmarks/servers/login_app.py")
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "CONVO_AUTH__SECRET": "a secret of more than thirty-two characters",
            "CONVO_AUTH__ANONYMOUS": "true",
            "CONVO_DATA__URL": f"sqlite:///{Path(folder) / 'history.db'}",
        }
        async with Server.start(serving, environment) as server, chats(target.chat, server.url, SESSIONS) as opened:
            await _delays(opened, 0.2)  # warm
            alone = await _delays(opened, alone_seconds)
            crowd = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "benchmarks.harness.crowd", server.url, str(users)),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            coming = asyncio.create_task(crowd.communicate(b"\n"))
            crowded: list[float] = []
            while not coming.done():
                crowded += await _delays(opened, 0.5)
            seconds = float((await coming)[0])
    return Sample(
        {
            "alone": quantile(alone, 0.99) * 1e3,
            "p50": quantile(crowded, 0.5) * 1e3,
            "p99": quantile(crowded, 0.99) * 1e3,
            "longest": max(crowded) * 1e3,
            "rate": users / seconds,
        },
        {"logins": users},
    )


async def _delays(opened: list[Chat], seconds: float) -> list[float]:
    """By how many seconds each token came after it was due."""
    count = round(seconds * RATE)
    delays: list[float] = []

    def take(text: str, at: float) -> None:
        delays.extend(at - float(due) for due in text.split())

    texts = await asyncio.gather(*(chat.ask(f"paced {count} {RATE}", take) for chat in opened))
    if any(len(reply.text.split()) != count for reply in texts):
        raise AssertionError("Tokens were lost")
    return delays


BENCHMARK = Benchmark(
    "logins",
    (
        Figure("alone", "a stream's delay from schedule without them, p99", "ms"),
        Figure("p50", "a stream's delay while 1,000 users log in at once, p50", "ms"),
        Figure("p99", "the same, p99", "ms"),
        Figure("longest", "the same, the longest of all", "ms"),
        Figure("rate", "log-ins per second meanwhile", ""),
    ),
    run,
    repeats=1,
    only=frozenset({"convo"}),
)
