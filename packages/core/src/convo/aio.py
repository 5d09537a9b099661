"""Between async and blocking code."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import functools
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

__all__ = ["call_in_thread", "event_loop", "make_async", "run_sync", "sleep"]

CLOSED_CHECK = 1.0  # seconds
P = ParamSpec("P")
T = TypeVar("T")

event_loop: contextvars.ContextVar[asyncio.AbstractEventLoop] = contextvars.ContextVar("convo_event_loop")
"""The loop a worker thread was started from, so that `run_sync` finds its way back."""


async def sleep(duration: float) -> None:
    """Wait for `duration` seconds while others go on."""
    await asyncio.sleep(duration)


async def call_in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run blocking code in a thread of its own, with the context copied.

    A thread each, not a pool: one user's blocking code must never make another's wait for a free worker. Cancelling
    stops the waiting at once; the thread itself runs on until it next talks to a user, which raises `RunEnded`.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()
    context.run(event_loop.set, loop)

    def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
        if not future.done():
            set_outcome(outcome)

    def work() -> None:
        try:
            result = context.run(functools.partial(function, *args, **kwargs))
        except BaseException as error:  # whatever it is belongs to the one who awaits
            if isinstance(error, StopIteration):
                error = RuntimeError(f"{function!r} raised StopIteration")
            outcome: tuple[Callable[[Any], None], Any] = (future.set_exception, error)
        else:
            outcome = (future.set_result, result)
        with contextlib.suppress(RuntimeError):  # nobody waits any more: the loop is closed
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, name=f"convo-{getattr(function, '__name__', 'callback')}", daemon=True).start()
    return await future


def make_async(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """An async version of blocking `function`, which runs in a worker thread with the context copied."""
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"`make_async` takes blocking code; `{function.__name__}` is async already, so `await` it.")

    @functools.wraps(function)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        return await call_in_thread(function, *args, **kwargs)

    return wrapper


def run_sync(awaitable: Awaitable[T]) -> T:
    """Wait for `awaitable` from blocking code in a worker thread (a `def` callback, `make_async`).

    Raises `RuntimeError` on the event loop's own thread, where waiting would never end: `await` it there.
    """

    async def outcome() -> T:
        return await awaitable

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        _discard(awaitable)
        raise RuntimeError("`run_sync` was called from async code, which it would block for ever; use `await`.")
    loop = event_loop.get(None)
    if loop is None or loop.is_closed():
        return asyncio.run(outcome())
    waiting = outcome()
    try:
        done = asyncio.run_coroutine_threadsafe(waiting, loop)
    except RuntimeError:  # it was closed just now
        done = concurrent.futures.Future()
    while not done.done() and not loop.is_closed():
        concurrent.futures.wait([done], timeout=CLOSED_CHECK)
    if done.done():
        return done.result()
    waiting.close()
    _discard(awaitable)
    raise RuntimeError("The app was closed before what `run_sync` waits for was done.")


def _discard(awaitable: Awaitable[object]) -> None:
    """Nobody will await it, which is no mistake of its author's."""
    if asyncio.iscoroutine(awaitable):
        awaitable.close()
