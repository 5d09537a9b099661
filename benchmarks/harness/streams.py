"""Streams: sessions that all stream at one pace, measured while every one of them does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.harness.chat import Chat, Reply
from benchmarks.harness.lateness import Lateness
from benchmarks.harness.quantile import quantile
from benchmarks.harness.server import Server

__all__ = ["RATE", "Streams"]

RATE = 50  # tokens a second and session
RISE = 0.2  # of the window: over which the sessions begin, since all at once would measure the questions
SETTLE = 0.1  # of the window: before and after it


@dataclass(frozen=True)
class Streams:
    """What was seen of tokens due in a window in which all sessions streamed; frames are those of whole answers."""

    delays: list[float]  # from schedule to the client's taking it, in seconds, per token
    frames: float  # per token
    cpu: float  # the server's, in seconds per token
    share: float  # the server's CPU, of a core
    waited: float  # for a CPU that others had, of the time
    tokens: int  # all that came
    client: Lateness

    def quantile(self, share: float) -> float:
        return quantile(self.delays, share)

    @classmethod
    async def measure(cls, server: Server, chats: Sequence[Chat], seconds: float) -> Streams:
        """Let all `chats` stream; watch for `seconds`. Raises `AssertionError` for a lost or reordered token."""
        rise = RISE * seconds
        count = int(RATE * (rise + (1 + 2 * SETTLE) * seconds))
        start = time.monotonic() + rise + SETTLE * seconds
        end = start + seconds
        delays: list[float] = []

        def take(text: str, at: float) -> None:
            delays.extend(at - due for due in map(float, text.split()) if start <= due < end)

        async def stream(chat: Chat, number: int) -> Reply:
            await asyncio.sleep(number / len(chats) * rise)
            return await chat.ask(f"paced {count} {RATE}", take)

        async def watch() -> tuple[float, float, Lateness]:
            await asyncio.sleep(start - time.monotonic())
            cpu, waited = server.cpu(), server.waited()
            async with Lateness.watch() as lateness:
                await asyncio.sleep(end - time.monotonic())
            return server.cpu() - cpu, server.waited() - waited, lateness

        watching = asyncio.create_task(watch())
        replies = await asyncio.gather(*(stream(chat, number) for number, chat in enumerate(chats)))
        spent, waited, lateness = await watching
        for reply in replies:
            due = [float(one) for one in reply.text.split()]
            if len(due) != count or due != sorted(due):
                raise AssertionError(f"{server.target.title} lost or reordered tokens")
        tokens = count * len(chats)
        frames = sum(reply.frames for reply in replies) / tokens
        return cls(
            delays=delays,
            frames=frames,
            cpu=spent / (RATE * seconds * len(chats)),
            share=spent / seconds,
            waited=waited / seconds,
            tokens=tokens,
            client=lateness,
        )
