"""Functions of a kernel, as steps."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any

from convo import Tracer

from convo_semantic_kernel.convert import text_of, value_of
from convo_semantic_kernel.inside import innermost, inside, pieces

if TYPE_CHECKING:
    from semantic_kernel.filters import FunctionInvocationContext, PromptRenderContext
    from semantic_kernel.functions import KernelArguments

__all__ = ["Functions"]


class Functions:
    """Shows each function that a kernel invokes as a step, with its arguments, its prompt and its result."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def parse_arguments(self, arguments: KernelArguments) -> dict[str, Any] | str:
        """What a step shows as its input. Override it to show something else."""
        return dict(arguments) if arguments else ""

    def is_excluded(self, function: Any) -> bool:
        """Whether a function is not shown. What is in it hangs where it would."""
        return False

    async def invoke_function(
        self, context: FunctionInvocationContext, next: Callable[[FunctionInvocationContext], Awaitable[None]]
    ) -> None:
        """A filter of function invocations."""
        id = self._open(context)
        if id is None:
            await next(context)
            return
        try:
            with inside(id):
                await next(context)
        except Exception as error:
            self._tracer.fail(id, error)
            raise
        except BaseException:  # CancelledError: somebody stopped it
            self._tracer.cancel(id)
            raise
        result = context.result
        if result is not None and inspect.isasyncgen(result.value):
            result.value = self._stream(id, result.value)
        elif result is not None and inspect.isgenerator(result.value):
            result.value = self._stream_blocking(id, result.value)
        else:
            self._tracer.close(id, self._tracer.capture(value_of, result))

    async def render_prompt(
        self, context: PromptRenderContext, next: Callable[[PromptRenderContext], Awaitable[None]]
    ) -> None:
        """A filter of prompts."""
        await next(context)
        id = innermost()
        if id is not None and not self.is_excluded(context.function):
            self._tracer.patch(id, metadata={"prompt": context.rendered_prompt})

    def _open(self, context: FunctionInvocationContext) -> Hashable | None:
        """The id of the function's node; `None` where it is not shown."""
        if self.is_excluded(context.function):
            return None
        id = object()
        opened = self._tracer.open(
            id,
            context.function.fully_qualified_name,
            parent=innermost(),
            type="tool",
            input=self._tracer.capture(self.parse_arguments, context.arguments),
        )
        return None if opened is None else id

    async def _stream(self, id: Hashable, stream: Any) -> AsyncIterator[Any]:
        try:
            async for piece in pieces(id, stream, lambda piece: self._take(id, piece)):
                yield piece
        except Exception as error:
            self._tracer.fail(id, error)
            raise
        except BaseException:  # CancelledError, or nobody reads the rest
            self._tracer.cancel(id)
            raise
        self._tracer.close(id)

    def _stream_blocking(self, id: Hashable, stream: Any) -> Iterator[Any]:
        try:
            for piece in stream:
                self._take(id, piece)
                yield piece
        except Exception as error:
            self._tracer.fail(id, error)
            raise
        except BaseException:  # nobody reads the rest
            self._tracer.cancel(id)
            raise
        self._tracer.close(id)

    def _take(self, id: Hashable, piece: Any) -> None:
        text = self._tracer.capture(_text, piece)
        self._tracer.delta(id, text)


def _text(piece: Any) -> str:
    """A piece is a list of contents, one for each answer that was asked for; or what a function yields."""
    if isinstance(piece, list):
        piece = piece[0] if piece else ""
    return text_of(piece)
