"""Services: what of Semantic Kernel asks a model. Each question is a call, however many an answer takes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from typing import Any

from convo import Tracer
from convo.call import Call, Exchange
from convo.context import context
from convo.patch import Patch

from convo_semantic_kernel.exchanges import ChatServiceExchange, TextServiceExchange
from convo_semantic_kernel.inside import innermost, inside, pieces

__all__ = ["ServicePatch"]


class ServicePatch(Patch):
    """A method that asks as often as it takes, as when a model wants functions invoked: it sees a traced service."""

    def replacing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def method(service: Any, *args: Any, **kwargs: Any) -> Any:
            if self.tracer is None or context.current_run is None:
                return original(service, *args, **kwargs)
            return original(_TracedService(service, self.tracer), *args, **kwargs)

        return method


class _TracedService:
    """A service that is what it is, but for the methods in which it asks its model."""

    def __init__(self, service: Any, tracer: Tracer) -> None:
        self._service = service
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    async def _inner_get_chat_message_contents(self, *args: Any, **kwargs: Any) -> Any:
        return await self._ask(ChatServiceExchange, self._service._inner_get_chat_message_contents, args, kwargs)

    def _inner_get_streaming_chat_message_contents(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        ask = self._service._inner_get_streaming_chat_message_contents
        return self._stream(ChatServiceExchange, ask, args, kwargs)

    async def _inner_get_text_contents(self, *args: Any, **kwargs: Any) -> Any:
        return await self._ask(TextServiceExchange, self._service._inner_get_text_contents, args, kwargs)

    def _inner_get_streaming_text_contents(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        return self._stream(TextServiceExchange, self._service._inner_get_streaming_text_contents, args, kwargs)

    async def _ask(
        self, kind: Callable[..., Exchange], ask: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        call = self._begin(kind, args, kwargs)
        if call is None:
            return await ask(*args, **kwargs)
        try:
            with inside(call.id):
                result = await ask(*args, **kwargs)
        except BaseException as error:
            call.fail(error)
            raise
        call.finish(result)
        return result

    async def _stream(
        self, kind: Callable[..., Exchange], ask: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> AsyncIterator[Any]:
        call = self._begin(kind, args, kwargs)
        if call is None:
            async for piece in ask(*args, **kwargs):
                yield piece
            return
        try:
            async for piece in pieces(call.id, ask(*args, **kwargs), call.take):
                yield piece
        except BaseException as error:  # also GeneratorExit: nobody reads the rest
            call.fail(error)
            raise
        call.finish()

    def _begin(self, kind: Callable[..., Exchange], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        asked = [*args, *kwargs.values()][:2]
        return Call.begin(self._tracer, lambda: kind(self._service, *asked), parent=innermost())
