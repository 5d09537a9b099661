"""Callbacks: the author's functions, by name, and how they are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any

from convo.aio import call_in_thread

if TYPE_CHECKING:
    from convo.mcp import McpConnector
    from convo.run import Run
    from convo.session import Session

__all__ = ["Callback", "Callbacks", "Observer"]

Function = Callable[..., Any]
Observer = Callable[["Session"], Callable[["Run", Context], object] | None]
"""As `App.observe` takes it."""


class Callback:
    """One of the author's functions. Takes as many of the offered arguments as it has parameters for.

    One that is not `is_async` runs in a thread of its own each time.
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self.is_async = inspect.iscoroutinefunction(inspect.unwrap(function)) or inspect.iscoroutinefunction(function)
        self._arity = _arity(function)

    async def __call__(self, *args: Any) -> Any:
        if self._arity is not None:
            args = args[: self._arity]
        if self.is_async:
            return await self.function(*args)
        result = await call_in_thread(self.function, *args)
        return await result if inspect.isawaitable(result) else result


class Callbacks:
    """The callbacks of an App by the name of their decorator; a later one replaces an earlier one."""

    def __init__(self) -> None:
        self._by_name: dict[str, Callback] = {}
        self.redact: Callable[[str], str] | None = None  # what frameworks did, before it is shown
        self.observers: list[Observer] = []  # who read along in each session
        self.mcp: McpConnector | None = None  # who connects sessions with MCP servers, where some are configured
        self.starter_commands: set[str] = set()  # that starters have named: messages may too

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __len__(self) -> int:
        return len(self._by_name)

    def add(self, name: str, function: Function) -> None:
        self._by_name[name] = Callback(function)

    def get(self, name: str) -> Callback | None:
        return self._by_name.get(name)


def _arity(function: Function) -> int | None:
    """How many positional arguments a function takes; `None` for any number."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some built-ins have no signature
        return None
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return sum(
        parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD) for parameter in parameters
    )
