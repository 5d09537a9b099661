"""`cache`: remember what a function returned."""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["cache"]

F = TypeVar("F", bound=Callable[..., Any])

MAX_ENTRIES = 1024


def cache(function: F) -> F:
    """Remember what `function` returned for its arguments: the last 1,024 of them, per function.

    Works for functions and coroutines; concurrent calls with equal arguments compute once, and those with others never
    wait for them. An exception is not remembered. Arguments must be hashable. `cache_clear()` forgets.

    Raises `TypeError` for a generator.
    """
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"`cache` cannot keep what `{function.__name__}` yields, which is read once; return a list.")
    cached: F = _cache_coroutine(function) if inspect.iscoroutinefunction(function) else _cache_function(function)
    return cached


def _key(args: Any, kwargs: Any) -> Any:
    return functools._make_key(args, kwargs, typed=False)


def _remember(entries: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    entries[key] = value
    while len(entries) > MAX_ENTRIES:
        entries.popitem(last=False)


def _cache_coroutine(function: Any) -> Any:
    entries: OrderedDict[Any, asyncio.Future[Any]] = OrderedDict()

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        key = _key(args, kwargs)
        future = entries.get(key)
        if future is not None and (future.done() or future.get_loop() is asyncio.get_running_loop()):
            entries.move_to_end(key)
            try:
                return await asyncio.shield(future) if not future.done() else future.result()
            except asyncio.CancelledError:
                if not future.cancelled():  # the waiter was cancelled, not the work
                    raise
                return await wrapper(*args, **kwargs)
        future = asyncio.get_running_loop().create_future()
        _remember(entries, key, future)
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            if entries.get(key) is future:
                del entries[key]
            if isinstance(error, Exception):
                future.set_exception(error)
                future.exception()  # seen: the caller has it
            else:
                future.cancel()
            raise
        future.set_result(result)
        return result

    wrapper.cache_clear = entries.clear  # type: ignore[attr-defined]  # as functools.cache has it
    return wrapper


def _cache_function(function: Any) -> Any:
    entries: OrderedDict[Any, Any] = OrderedDict()
    locks: dict[Any, threading.Lock] = {}
    guard = threading.Lock()

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        key = _key(args, kwargs)
        with guard:
            if key in entries:
                entries.move_to_end(key)
                return entries[key]
            lock = locks.setdefault(key, threading.Lock())
        with lock:
            with guard:
                if key in entries:
                    return entries[key]
            try:
                result = function(*args, **kwargs)
                with guard:
                    _remember(entries, key, result)
                return result
            finally:
                with guard:
                    locks.pop(key, None)

    wrapper.cache_clear = entries.clear  # type: ignore[attr-defined]  # as functools.cache has it
    return wrapper
