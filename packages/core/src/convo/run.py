"""Runs: one callback's execution each, and the tasks it started."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from convo.files import StoredFile
from convo.protocol import new_id
from convo.user import User

__all__ = ["Client", "Run", "Tasks", "Trace", "current_life", "current_run", "current_step", "own_tasks"]


BREATHE_SECONDS = 0.01  # how long a loop of `stream_token` may keep the event loop


@dataclass(frozen=True, slots=True)
class Trace:
    """The trace that a client's request belongs to, as it says by W3C Trace Context; not checked."""

    parent: str
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """Whose command started a run, and through what: the connection as callbacks see it."""

    connection_id: str | None = None
    type: str = "web"  # also `copilot`, `api`, `test`, or the name of a platform
    env: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    profile: str | None = None
    user: User | None = None
    principal_id: str | None = None
    trace: Trace | None = None

    @property
    def author(self) -> str:
        """The name its messages carry."""
        return "User" if self.user is None else self.user.display_name or self.user.identifier


class Tasks:
    """Those that somebody's code has started, and that end with it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Own a task: it is cancelled with its owner."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """Cancel all but the one that asks for it."""
        current = asyncio.current_task()
        for task in list(self._tasks):
            if task is not current:
                task.cancel()

    @property
    def tasks(self) -> frozenset[asyncio.Task[Any]]:
        return frozenset(self._tasks)


class Run(Tasks):
    """One callback's execution. Its status is in the log; this holds what cannot be logged: its task and its tip."""

    def __init__(self, callback: str, *, client: Client, trigger: str | None = None, tip: str | None = None) -> None:
        super().__init__()
        self.id = new_id()
        self.callback = callback
        self.client = client
        self.trigger = trigger
        self.tip = tip
        self.passed: frozenset[str] = frozenset()  # what followed the tip before: other answers than this run's
        self.files: list[StoredFile] = []  # that came with its message
        self.traced: dict[Hashable, Any] = {}  # open nodes of frameworks, by their ids; they end with the run
        self.guides: dict[object, Callable[[Any], Any]] = {}  # of frameworks: where code is, below a given place
        self.raised: type[BaseException] | None = None  # by its callback
        self.ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()  # asked once: each time is a system call on 3.11
        self._breathed_at = 0.0

    @property
    def is_breathless(self) -> bool:
        """A loop of tokens has kept the event loop from going round for long: `breathe`."""
        # uvloop's time is that of its last round; a loop of asyncio reads the clock instead.
        since = self._breathed_at if isinstance(self._loop, asyncio.BaseEventLoop) else self._loop.time()
        return time.monotonic() - since > BREATHE_SECONDS

    async def breathe(self) -> None:
        """Let the event loop go round."""
        await asyncio.sleep(0)
        self._breathed_at = time.monotonic()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Start the run's main task, which it owns."""
        self.adopt(self._loop.create_task(coroutine, name=f"convo-run-{self.callback}"))


current_run: ContextVar[Run | None] = ContextVar("convo_run", default=None)
current_life: ContextVar[Tasks | None] = ContextVar("convo_life", default=None)
"""Where there is no run: the App whose `on_app_startup` this is, as the owner of what that starts."""
current_step: ContextVar[Any] = ContextVar("convo_step", default=None)
"""The innermost `Step` that is open here, or `None`."""


def own_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Make `loop` hand each task that a callback starts to its run or App, so that no task is without an owner."""
    create = loop.get_task_factory()
    if isinstance(create, _TaskFactory):
        return
    loop.set_task_factory(_TaskFactory(create))


class _TaskFactory:
    """A task factory around the one that was there before."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> Any:
        task = (
            asyncio.Task(coroutine, loop=loop, **options)
            if self._inner is None
            else self._inner(loop, coroutine, **options)
        )
        context = options.get("context")
        owner = _owner() if context is None else context.run(_owner)
        if owner is not None:
            owner.adopt(task)
        return task


def _owner() -> Tasks | None:
    return current_run.get() or current_life.get()
