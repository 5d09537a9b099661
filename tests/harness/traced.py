"""What is traced of a piece of work in a callback."""

from __future__ import annotations

import asyncio
import gc
import os
from abc import abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import convo
from convo.protocol import Step
from convo.testing import ChatClient, Reply, TracerSuite, draw_tree

from tests.harness.model_server import ModelServer

__all__ = ["ROUNDS", "ClientSuite", "asked", "cancel_when", "generation_of", "reply_of", "said", "step_of", "tree"]

ROUNDS = 10_000 if os.environ.get("TEST_DEEP") else 200
"""After how many runs there must be nothing left of them."""


def said(text: str) -> Any:
    """A chat's messages, where the user says `text`."""
    return [{"role": "user", "content": text}]


async def reply_of(app: convo.App, text: str = "hello") -> Reply:
    """What an app answers, which must not fail."""
    async with ChatClient(app, timeout=60) as chat:  # some ask a hundred agents, on a machine that does other things
        reply = await chat.send(text)
    assert reply.status == "done", reply.error
    return reply


async def tree(app: convo.App, *, texts: bool = False) -> str:
    """The steps of that."""
    return draw_tree((await reply_of(app)).steps, texts=texts)


async def asked(app: convo.App, work: Callable[[], Awaitable[Any]]) -> Reply:
    """What comes of `work` as the app's `on_message`."""

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await work()

    return await reply_of(app, "go")


async def step_of(app: convo.App, work: Callable[[], Awaitable[Any]]) -> Step:
    """The same, where it is one step."""
    reply = await asked(app, work)
    assert len(reply.steps) == 1
    return reply.steps[0].step


async def cancel_when(reached: asyncio.Event, read: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Cancel `read` in the midst of it."""
    task = asyncio.create_task(read())
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


def generation_of(step: Step) -> Any:
    assert step.generation is not None
    return step.generation


class ClientSuite(TracerSuite):
    """The contract of tracers for a provider's client, switched on by a setting: `ask` is one call after the other."""

    integration: str
    server: ModelServer

    def create_app(self) -> convo.App:
        return convo.App({"debug": True, "integrations": {self.integration: True}})

    @abstractmethod
    async def call(self, text: str) -> object:
        """Ask a model."""

    @abstractmethod
    async def call_another(self, text: str) -> str:
        """Ask one by another part of the API."""

    async def ask(self, text: str) -> str:
        await self.call(text)
        return await self.call_another(text)

    async def fail(self, error: Exception) -> None:
        await self._both(f"fail {error}")

    async def hang(self, reached: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        waiting = iter((lambda: None, lambda: loop.call_soon_threadsafe(reached)))
        self.server.reached = lambda: next(waiting)()
        await self._both("hang")

    async def _both(self, text: str) -> None:
        first, _ = await asyncio.gather(self.call(text), self.call_another(text), return_exceptions=True)
        if isinstance(first, Exception):
            raise first

    async def test_nothing_is_kept_of_runs_that_are_over(self) -> None:
        """The client's connections and timers keep the contexts they were made in: a few, however many runs."""
        app = self._answering(lambda text: self.ask(text), show=False)
        app.configure(".", {"limits": {"commands_per_second": 1e6}, "integrations": {self.integration: True}})
        async with ChatClient(app) as chat:
            before = self._count()
            for _ in range(min(ROUNDS, 1_000)):  # two requests each
                await chat.send("go")
            grown = self._count() - before

        assert grown["Run"] < 20
        assert grown["_Node"] == grown["Call"] == 0
        assert [name for name in grown if name.endswith("Exchange")] == []

    @staticmethod
    def _count() -> Counter[str]:
        gc.collect()
        types = (type(one) for one in gc.get_objects())
        return Counter(kind.__name__ for kind in types if str(kind.__module__).startswith("convo"))
