"""Recording: what a token costs and how late it is with a history in SQLite beside the same without one."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.server import Server
from benchmarks.harness.streams import Streams
from benchmarks.harness.target import Target
from benchmarks.servers.source import tokens

__all__ = ["BENCHMARK"]


@dataclass(frozen=True)
class Streamed:
    """Of tokens as fast as they come: CPU seconds of one. Of streams at a pace: CPU of a core, delays in seconds."""

    token: float
    share: float
    p50: float
    p99: float
    tokens: int


async def run(target: Target, size: Size) -> Sample:
    with tempfile.TemporaryDirectory() as folder:
        kept = await streamed(target.keeping(Path(folder) / "history.db"), size)
    without = await streamed(target, size)
    return Sample(
        {
            "cpu": (kept.token - without.token) * 1e6,
            "share": (kept.share - without.share) * 100,
            "p50": (kept.p50 - without.p50) * 1e3,
            "p99": (kept.p99 - without.p99) * 1e3,
            "cpu-without": without.token * 1e6,
            "p99-without": without.p99 * 1e3,
        },
        {"tokens": kept.tokens},
    )


async def streamed(target: Target, size: Size) -> Streamed:
    count, sessions = size.of(20_000, 1_000), size.of(30, 5)
    async with Server.start(target) as server, chats(target.chat, server.url, sessions) as opened:
        await opened[0].ask(f"tokens {count // 10}")  # warm, and the thread is claimed
        before = server.cpu()
        reply = await opened[0].ask(f"tokens {count}")
        token = (server.cpu() - before) / count
        if reply.text != "".join(tokens(count)):
            raise AssertionError(f"{target.title} lost or reordered tokens")
        streams = await Streams.measure(server, opened, size.of(50, 5) / 10)
    return Streamed(token, streams.share, streams.quantile(0.5), streams.quantile(0.99), count + streams.tokens)


BENCHMARK = Benchmark(
    "recording",
    (
        Figure("cpu", "server CPU per token more than without a history", "µs", Goal(1)),
        Figure("share", "30 sessions at 50 tokens a second: server CPU more", "% of a core"),
        Figure("p50", "the same: delay more, p50", "ms", Goal(2)),
        Figure("p99", "the same: delay more, p99", "ms", Goal(10)),
        Figure("cpu-without", "server CPU per token without a history", "µs"),
        Figure("p99-without", "delay without a history, p99", "ms"),
    ),
    run,
    repeats=3,
    only=frozenset({"convo", "chainlit"}),
)
