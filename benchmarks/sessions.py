"""Sessions: how many can stream 50 tokens a second each until the slowest hundredth comes 100 ms late."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import Chat, chats
from benchmarks.harness.server import Server
from benchmarks.harness.streams import Streams
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

LIMIT = 0.100  # seconds, of the 99th percentile
CLIENT_LIMIT = LIMIT / 4  # a client that is later than this is what was measured
WAIT_LIMIT = 0.2  # of the time: a server that has to wait longer for a CPU was not given one
TRIES = 2  # a level that fails may have met a busy moment of the machine
PRECISION = 1.07  # between what holds and what does not


async def run(target: Target, size: Size) -> Sample:
    """The most sessions that hold. Where the client or the machine gave in first, or nothing did: only what held."""
    most = size.of(3_200, 2)
    held, failed, level, tokens = 0, 0, size.of(100, 2), 0
    client = 0.0
    async with Server.start(target) as server, AsyncExitStack() as stack:
        opened: list[Chat] = []
        while True:
            missing = level - len(opened)
            if missing > 0:
                opened += await stack.enter_async_context(chats(target.chat, server.url, missing))
            is_fair = False
            for _ in range(TRIES):
                streams = await Streams.measure(server, opened[:level], size.of(50, 5) / 10)
                tokens += streams.tokens
                print(f"  {target.name}: {_said(level, streams)}", file=sys.stderr, flush=True)
                if streams.quantile(0.99) < LIMIT:
                    break
                is_fair |= streams.client.p99 <= CLIENT_LIMIT and streams.waited <= WAIT_LIMIT
            if streams.quantile(0.99) < LIMIT:
                held = max(held, level)
            elif not is_fair:
                print(f"  {target.name}: no verdict, the client or the machine was late", file=sys.stderr, flush=True)
                return Sample({"held": held, "client": streams.client.p99 * 1e3}, {"tokens": tokens})
            else:
                failed, client = level, streams.client.p99
            if failed and failed / max(held, 1) <= PRECISION:
                return Sample({"sessions": held, "held": held, "client": client * 1e3}, {"tokens": tokens})
            if not failed and level >= most:
                return Sample({"held": held, "client": streams.client.p99 * 1e3}, {"tokens": tokens})
            level = (held + failed) // 2 if failed else 2 * level


def _said(level: int, streams: Streams) -> str:
    return (
        f"{level} sessions: p99 {streams.quantile(0.99) * 1e3:.0f} ms, server {streams.share:.0%} of a core, "
        f"waited for one {streams.waited:.0%}; "
        f"the client's own p99 {streams.client.p99 * 1e3:.1f} ms, {streams.client.share:.0%}"
    )


BENCHMARK = Benchmark(
    "sessions",
    (
        Figure("sessions", "most sessions with a p99 under 100 ms", "", Goal(1.2, is_least=True, is_multiple=True)),
        Figure("held", "sessions that held for sure", "", Goal(350, is_least=True)),
        Figure("client", "lateness of the client itself, p99, at the first level that did not", "ms"),
    ),
    run,
    repeats=3,
)
