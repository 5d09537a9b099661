"""Calls of models by the clients of their providers, as steps: from the request to the last piece of the answer."""

from __future__ import annotations

import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convo.context import context
from convo.element import Element
from convo.excerpt import Uncaptured
from convo.generation import BaseGeneration, ChatGeneration
from convo.step import StepType
from convo.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Hashable

    from convo.tracer import _Node

__all__ = ["Answer", "Call", "Exchange"]


@dataclass(kw_only=True)
class Answer:
    """What a step shows at its end. `error` is what the provider says went wrong, where its client raises nothing."""

    output: Any = None
    error: str | None = None
    elements: Sequence[Element] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


class Exchange(ABC):
    """What a model is asked and what it answers, as a provider writes both. Its methods may raise."""

    name: str
    type: StepType = "llm"
    input: Any = None
    generation: BaseGeneration
    """What is known at first; `finish` completes it."""

    def take(self, piece: Any) -> str | None:
        """A piece of a stream comes. Returns its text, which may be empty; `None` if nothing of the answer is in it."""
        raise NotImplementedError  # of those that stream

    @abstractmethod
    def finish(self, result: Any) -> Answer:
        """All of the answer is here: as the client returns it, or as its JSON. `None` after a stream's last piece."""


class Call:
    """One call of a model: its step is open until `finish`, `fail` or `abandon`. Nothing in here raises.

    Where a framework that is traced, too, asks by this client, the step is the framework's: it is not shown twice.
    """

    def __init__(self, tracer: Tracer, exchange: Exchange, around: _Node | None = None) -> None:
        self._tracer = tracer
        self._exchange = exchange
        self._around = around  # the framework's
        self.id: Hashable = object()
        self._began_at = time.monotonic()
        self._has_begun = self._is_over = self._is_reading = self._is_watched = False

    @classmethod
    def begin(cls, tracer: Tracer, read: Callable[[], Exchange], *, parent: Hashable | None = None) -> Call | None:
        """Show that a call begins, as `read` understands it; under `parent` as in `Tracer.open`.

        `None` outside a callback.
        """
        if context.current_run is None:
            return None
        exchange = tracer.capture(read)
        if isinstance(exchange, Uncaptured):
            exchange = _Unknown(tracer.framework, exchange)
        around = tracer.take_part() if exchange.type == "llm" else None
        if around is not None:
            return cls(tracer, exchange, around)
        call = cls(tracer, exchange)
        opened = tracer.open(
            call.id,
            exchange.name,
            parent=parent,
            type=exchange.type,
            input=exchange.input,
            show_input="json",
            generation=exchange.generation,
        )
        call._began_at = time.monotonic()  # not before its node, whose clock says how long all of it takes
        return None if opened is None else call

    def finish(self, result: Any = None) -> None:
        """The answer is here, or the last piece of it; or what to show in place of one that could not be read."""
        self._end(result, {})

    def abandon(self) -> None:
        """Nobody wants the rest of the answer: what came of it is shown."""
        self._end(None, {"cancelled": True})

    def fail(self, error: BaseException) -> None:
        """The call ends with what its client raised."""
        if not isinstance(error, Exception):  # CancelledError, KeyboardInterrupt: somebody stopped it
            self.abandon()
        elif self._close() and self._around is None:
            self._tracer.fail(self.id, error, generation=self._exchange.generation)

    def watch(self, stream: Any, attribute: str) -> None:
        """Follow a client's stream, which stays what it is: `attribute` is the iterator it takes its pieces from.

        It is over with its last piece, or when its `response` is closed. One that is just dropped ends with the run.
        """
        if self._is_watched:
            return
        self._is_watched = True
        source = getattr(stream, attribute)
        setattr(stream, attribute, (_AsyncPieces if hasattr(source, "__anext__") else _Pieces)(self, source))
        # The collector of garbage closes responses too, at any time and in any thread; by then the stream is dead.
        living = weakref.ref(stream, _nothing)
        self.watch_close(stream.response, lambda: living() is not None)

    def watch_close(
        self, response: Any, is_meant: Callable[[], bool] = lambda: True, then: Callable[[], object] | None = None
    ) -> None:
        """Do `then`, which by default abandons the call, when somebody closes `response`."""
        then = then or self.abandon

        def closed() -> None:
            if not (self._is_over or self._is_reading) and is_meant():
                then()

        for name, wrap in (("close", _followed), ("aclose", _async_followed)):
            if hasattr(response, name):
                setattr(response, name, wrap(getattr(response, name), closed))

    def capture(self, function: Callable[..., Any], *args: Any) -> Any:
        """As the tracer's."""
        return self._tracer.capture(function, *args)

    def take(self, piece: Any) -> None:
        """A piece of the answer comes."""
        text = self._tracer.capture(self._exchange.take, piece)
        if text is None or isinstance(text, Uncaptured):
            return
        if not self._has_begun:
            self._has_begun = True
            self._exchange.generation.tt_first_token = round((time.monotonic() - self._began_at) * 1000, 3)
        if text and self._around is None:
            self._tracer.delta(self.id, text)

    def _end(self, result: Any, metadata: dict[str, Any]) -> None:
        if not self._close():
            return
        answer = result if isinstance(result, Uncaptured) else self._tracer.capture(self._exchange.finish, result)
        if isinstance(answer, Uncaptured):
            answer = Answer(output=answer)
        metadata = answer.metadata | metadata
        generation = self._exchange.generation
        if self._around is not None:
            self._around.beneath = generation
            return
        if answer.error is not None:
            self._tracer.fail(self.id, answer.error, generation=generation, metadata=metadata)
            return
        self._tracer.close(
            self.id, answer.output, generation=generation, elements=answer.elements, metadata=metadata or None
        )

    def _close(self) -> bool:
        is_first, self._is_over = not self._is_over, True
        return is_first


class _Unknown(Exchange):
    """What could not be read."""

    def __init__(self, name: str, reason: Uncaptured) -> None:
        self.name = name
        self.input = reason
        self.generation = ChatGeneration(error=str(reason))

    def take(self, piece: Any) -> str | None:
        return None

    def finish(self, result: Any) -> Answer:
        return Answer()


class _Pieces:
    """A client's iterator, followed."""

    def __init__(self, call: Call, source: Any) -> None:
        self._call = call
        self._source = source

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def __iter__(self) -> _Pieces:
        return self

    def __next__(self) -> Any:
        call = self._call
        call._is_reading = True
        try:
            piece = next(self._source)
        except StopIteration:
            call.finish()
            raise
        except BaseException as error:
            call.fail(error)
            raise
        finally:
            call._is_reading = False
        call.take(piece)
        return piece


class _AsyncPieces(_Pieces):
    def __aiter__(self) -> _AsyncPieces:
        return self

    async def __anext__(self) -> Any:
        call = self._call
        call._is_reading = True
        try:
            piece = await self._source.__anext__()
        except StopAsyncIteration:
            call.finish()
            raise
        except BaseException as error:
            call.fail(error)
            raise
        finally:
            call._is_reading = False
        call.take(piece)
        return piece


def _nothing(reference: object) -> None:
    """A weak reference that has a callback dies before its object's finalizers run."""


def _followed(close: Callable[[], Any], closed: Callable[[], None]) -> Callable[[], Any]:
    def method() -> Any:
        try:
            return close()
        finally:
            closed()

    return method


def _async_followed(close: Callable[[], Any], closed: Callable[[], None]) -> Callable[[], Any]:
    async def method() -> Any:
        try:
            return await close()
        finally:
            closed()

    return method
