"""Patches: methods of a client's classes, replaced by ones whose calls are traced."""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from convo.call import Call, Exchange
from convo.context import context
from convo.excerpt import Uncaptured
from convo.tracer import Tracer

__all__ = ["CallPatch", "Patch"]

_MARK = "__convo_patch__"


class Patch(ABC):
    """One method, replaced. What it takes, returns and raises stays what it is. Undone, it has no `tracer`."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer: Tracer | None = tracer

    @abstractmethod
    def replacing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """The method to put in place of `original`, which it wraps. It goes by what `tracer` is when it is called."""

    def apply(self, owner: type, name: str) -> None:
        """Replace the method, once: one that is there already takes over this one's tracer, if that traces more."""
        there = _find(owner, name)
        if there is None:
            self._method = self.replacing(vars(owner)[name])
            setattr(self._method, _MARK, self)
            setattr(owner, name, self._method)
        elif there.tracer is None or there.tracer.integration is not None:
            there.tracer = self.tracer

    @staticmethod
    def remove(owner: type, name: str) -> None:
        """Undo it. One that somebody else has replaced since stays, and does nothing."""
        there = _find(owner, name)
        if there is None:
            return
        there.tracer = None
        method = vars(owner)[name]
        if method is there._method:
            setattr(owner, name, vars(method)["__wrapped__"])


class CallPatch(Patch):
    """A method that asks a model. Outside a callback it is not looked at.

    `read(self, args, kwargs)` returns what is to be read of a call; `None` for one that is none of a model's.
    `follow(call, result)` goes on with what the method returned.
    """

    def __init__(
        self,
        tracer: Tracer,
        read: Callable[[Any, tuple[Any, ...], dict[str, Any]], Callable[[], Exchange] | None],
        follow: Callable[[Call, Any], None],
    ) -> None:
        super().__init__(tracer)
        self._read = read
        self._follow = follow

    def replacing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(original):

            @functools.wraps(original)
            async def method(owner: Any, *args: Any, **kwargs: Any) -> Any:
                call = self._begin(owner, args, kwargs)
                if call is None:
                    return await original(owner, *args, **kwargs)
                try:
                    result = await original(owner, *args, **kwargs)
                except BaseException as error:
                    call.fail(error)
                    raise
                self._go_on(call, result)
                return result
        else:

            @functools.wraps(original)
            def method(owner: Any, *args: Any, **kwargs: Any) -> Any:
                call = self._begin(owner, args, kwargs)
                if call is None:
                    return original(owner, *args, **kwargs)
                try:
                    result = original(owner, *args, **kwargs)
                except BaseException as error:
                    call.fail(error)
                    raise
                self._go_on(call, result)
                return result

        return method

    def _begin(self, owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        tracer = self.tracer
        if tracer is None or context.current_run is None:
            return None
        read = tracer.capture(self._read, owner, args, kwargs)
        return Call.begin(tracer, read) if callable(read) else None

    def _go_on(self, call: Call, result: Any) -> None:
        reason = call.capture(self._follow, call, result)
        if isinstance(reason, Uncaptured):
            call.finish(reason)


def _find(owner: type, name: str) -> Patch | None:
    """Ours, also below what others have put around it since."""
    method = vars(owner).get(name)
    while method is not None:
        patch = getattr(method, _MARK, None)
        if isinstance(patch, Patch):
            return patch
        method = getattr(method, "__wrapped__", None)
    return None
