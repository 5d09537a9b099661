"""Where the running code is: in which function of a kernel, or call of a model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["innermost", "inside", "pieces"]

_inside: ContextVar[Hashable | None] = ContextVar("convo_semantic_kernel_inside", default=None)


def innermost() -> Hashable | None:
    """The id of the node that the running code is in."""
    return _inside.get()


@contextmanager
def inside(id: Hashable) -> Iterator[None]:
    token = _inside.set(id)
    try:
        yield
    finally:
        _inside.reset(token)


async def pieces(id: Hashable, stream: Any, take: Callable[[Any], None]) -> AsyncIterator[Any]:
    """Those of a stream, which come from inside; `take` sees each first. Whoever reads them is outside meanwhile."""
    iterator = aiter(stream)
    while True:
        with inside(id):
            try:
                piece = await anext(iterator)
            except StopAsyncIteration:
                return
        take(piece)
        yield piece
