"""The tracing: what LlamaIndex's dispatcher tells of spans and of what happens in them, as steps."""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing, contextmanager
from functools import cache, lru_cache, partial
from inspect import BoundArguments
from typing import Any
from weakref import WeakKeyDictionary, ref

from convo import Tracer, Uncaptured, context
from convo.generation import BaseGeneration
from convo.portrait import portray
from llama_index.core import Settings
from llama_index.core.base.llms.types import ChatResponse, CompletionResponse
from llama_index.core.base.response.schema import AsyncStreamingResponse, StreamingResponse
from llama_index.core.callbacks import CallbackManager
from llama_index.core.callbacks.base import global_stack_trace
from llama_index.core.chat_engine.types import StreamingAgentChatResponse
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # of another package
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.events.exception import ExceptionEvent
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatInProgressEvent,
    LLMChatStartEvent,
    LLMCompletionEndEvent,
    LLMCompletionInProgressEvent,
    LLMCompletionStartEvent,
)
from llama_index.core.instrumentation.span import BaseSpan, active_span_id
from llama_index.core.instrumentation.span_handlers import BaseSpanHandler

from convo_llama_index import convert, model
from convo_llama_index.span import Kind, Shown, Span, kind_of, look_at

__all__ = ["INTEGRATION", "Switch", "Tracing", "tracing"]

INTEGRATION = "llama-index"
_CANCELLED = "SpanCancelledEvent"  # of a workflow: the class may be another distribution's
_MODEL_ANSWERS = (ChatResponse, CompletionResponse)
_GENERATORS = (Generator, AsyncGenerator)
_STREAMS = (StreamingAgentChatResponse, StreamingResponse, AsyncStreamingResponse)
_MODEL_EVENTS = (
    *(LLMChatStartEvent, LLMCompletionStartEvent, LLMChatEndEvent, LLMCompletionEndEvent),
    ExceptionEvent,
)


class Switch:
    """A callback handler that turns tracing on where its callback manager is used."""

    ignored: frozenset[Kind] = frozenset()
    """What is not shown there."""


class Tracing:
    """Hears all that LlamaIndex does in the process; what is in a callback that wants it becomes steps.

    One for the process: so nothing is shown twice, whatever turned it on. Spans tell their own parents.
    """

    def __init__(self) -> None:
        self.tracer = Tracer("llama-index", locate=self.here)
        self.is_everywhere = False
        self._spans: dict[str, ref[Span]] = {}  # their nodes keep them, or the spans they are in
        self._streams: WeakKeyDictionary[Any, list[Span]] = WeakKeyDictionary()

    def span(self, id: str | None) -> Span | None:
        """The open span of an id; `None` of one that is not heard here."""
        known = self._spans.get(id)  # type: ignore[arg-type]  # `None` is none of its keys
        return None if known is None else known()

    def here(self) -> str | None:
        """The id of the span that the code is in, as the tracer knows it."""
        id = active_span_id.get()
        span = self.span(id)
        return id if span is None or span.home is None else span.home.id

    # --- Spans ---

    def enter(self, id: str, bound: BoundArguments, instance: Any, parent_id: str | None) -> None:
        tracer = self.tracer
        above = self.span(parent_id)
        switch = None
        if above is None and not self._is_on():
            switch = None if context.current_run is None else _switch_of(instance)
            if switch is None:
                return
        ignored = above.ignored if above is not None else frozenset() if switch is None else switch.ignored
        span = Span(id, instance, above, ignored)
        shown: Shown | Uncaptured | None
        try:
            kind = kind_of(span)
            shown = None if kind is None or kind in ignored else look_at(span, kind, bound)
        except Exception as error:  # objects of the framework's and the author's
            shown = tracer.uncaptured(error)
        self._spans[id] = ref(span, partial(self._spans.pop, id))
        if above is None:
            parent = parent_id or next(iter(global_stack_trace.get()[-1:]), None)  # maybe an event of the author's
        else:
            home = above.home or above
            parent = home.id
            if shown is None:  # a component's own business: the tracer hears only where what is in it hangs
                span.home, home.hides[id] = home, span
                tracer.alias(id, parent)
                return
        if shown is None:
            tracer.skip(id, parent=parent, memo={"span": span})
        elif isinstance(shown, Uncaptured):
            tracer.open(id, span.method, parent=parent, input=shown, memo={"span": span})
        else:
            span.kind, span.generation = shown.kind, shown.generation
            tracer.open(
                id,
                shown.name,
                parent=parent,
                type=shown.type,
                input=shown.input,
                generation=shown.generation,
                memo={"span": span},
            )
        span.began_at = time.monotonic()  # not before its node, whose clock says how long all of it takes

    def exit(self, id: str, result: Any) -> None:
        span = self.span(id)
        if span is None:
            return
        if span.kind == "model":
            if isinstance(result, _MODEL_ANSWERS) or not isinstance(result, _GENERATORS):
                self._complete(span, result)
            elif span.is_followed:
                span.is_streaming = True
                self._begin_stream(span)
            else:  # nobody tells its pieces
                self._complete(span, None)
        elif not isinstance(result, _STREAMS):
            self._close(span, result)
        elif not isinstance(result, StreamingAgentChatResponse):
            self._follow(span, result)
        else:
            span.answer = result
            if not span.streams:
                self._end(span, *(span.said or (result.response or None, None)))

    def drop(self, id: str, error: BaseException | None) -> None:
        span = self.span(id)
        if span is not None:
            self._end(span, None, error or RuntimeError("The span was dropped."))

    # --- What happens in them ---

    def handle(self, event: BaseEvent) -> None:
        kind = type(event)
        if kind is LLMChatInProgressEvent or kind is LLMCompletionInProgressEvent:
            self._take(event)
            return
        span = self.span(event.span_id) if _says_more(kind) else None
        if span is None:
            return
        if event.class_name() == _CANCELLED:
            self._end(span, None, CancelledError())
        elif span.kind != "model":
            return
        elif isinstance(event, LLMChatStartEvent | LLMCompletionStartEvent):
            span.is_followed = True
        elif isinstance(event, LLMChatEndEvent | LLMCompletionEndEvent):
            if span.is_streaming:
                self._complete(span, event.response)
        elif isinstance(event, ExceptionEvent):
            self._end(span, None, event.exception)
            self._end_stream(span, None, event.exception)

    def _take(self, event: Any) -> None:
        """A piece of a model's answer."""
        span = self.span(event.span_id)
        if span is None or span.kind != "model":
            return
        response = event.response
        if response.delta:
            self.tracer.delta(span.id, response.delta)
        elif span.generation is not None and span.generation.tt_first_token is None and model.calls_a_tool(response):
            span.generation.tt_first_token = round((time.monotonic() - span.began_at) * 1000, 3)

    # --- Ends ---

    def _complete(self, span: Span, response: Any) -> None:
        """A model has answered."""
        generation: BaseGeneration | Uncaptured | None = span.generation
        answer = self.tracer.capture(model.completed, generation, response)  # type: ignore[arg-type]  # a model's is one
        if isinstance(answer, Uncaptured):
            generation = answer
        self.tracer.close(span.id, answer, generation=generation)
        if span.is_streaming:
            self._end_stream(span, answer, None)

    def _close(self, span: Span, result: Any) -> None:
        tracer = self.tracer
        if span.kind is None:
            self._end(span, None, None)
        elif span.kind in ("retriever", "reranker"):
            make: Callable[[Any], Any] = convert.node_names if span.kind == "retriever" else convert.found_value
            elements = tracer.capture(convert.node_elements, result) if span.kind == "retriever" else ()
            shown = () if isinstance(elements, Uncaptured) else elements
            tracer.close(span.id, tracer.capture(make, result), elements=shown)
        elif span.kind == "embedding":
            tracer.close(span.id, tracer.capture(convert.vectors_value, result), generation=span.generation)
        elif span.kind == "tool" and getattr(result, "is_error", False):
            tracer.fail(span.id, getattr(result, "exception", None) or str(result))
        elif span.kind == "parser":
            tracer.close(span.id, {"nodes": len(result)})
        else:
            tracer.close(span.id, tracer.capture(convert.value_of, result))

    def _end(self, span: Span, output: Any, error: BaseException | str | None) -> None:
        if span.home is not None:
            span.home.hides.pop(span.id, None)
        elif error is None:
            self.tracer.close(span.id, output)
        elif isinstance(error, GeneratorExit):  # maybe said by the collector of garbage
            self.tracer.abandon(span.id, output)
        elif not isinstance(error, Exception | str):  # CancelledError, KeyboardInterrupt: somebody stopped it
            self.tracer.cancel(span.id, output)
        else:
            self.tracer.fail(span.id, error)

    # --- Answers that are still coming ---

    def _begin_stream(self, span: Span) -> None:
        """Its text comes later: the chat engine that it is in is not done before."""
        for above in span.around:
            above.streams.add(span)

    def _end_stream(self, span: Span, said: Any, error: BaseException | None) -> None:
        # An error is kept without its traceback, which holds on to what was dropped.
        kept = portray(error)[0] if isinstance(error, Exception) else error and type(error)()
        for above in span.around:
            above.said = (said, kept)
            above.streams.discard(span)
            # A chat engine may return just now, in another thread: whoever comes second ends it.
            if above.answer is not None and not above.streams:
                self._end(above, said, kept)

    def _follow(self, span: Span, response: StreamingResponse | AsyncStreamingResponse) -> None:
        """Go on with an answer whose text comes when somebody reads it: its span's work is done there, and ends there.

        The engine around a synthesizer returns the same answer, and ends with it.
        """
        pieces = response.response_gen
        spans = self._streams.get(pieces)
        if spans is not None:
            spans.append(span)
            return
        spans = [span]
        if isinstance(pieces, AsyncGenerator):
            followed: Any = self._read_async(pieces, spans)
        else:
            followed = self._read(pieces, spans)
        self._streams[followed] = spans
        self._begin_stream(span)
        response.response_gen = followed

    def _read(self, pieces: Iterator[str], spans: list[Span]) -> Generator[str]:
        texts: list[str] = []
        with self._reading(spans, texts):
            while True:
                token = active_span_id.set(spans[0].id)
                try:
                    piece = next(pieces)
                except StopIteration:
                    return
                finally:
                    active_span_id.reset(token)
                texts.append(piece)
                yield piece

    async def _read_async(self, pieces: AsyncGenerator[str], spans: list[Span]) -> AsyncGenerator[str]:
        texts: list[str] = []
        with self._reading(spans, texts):
            async with aclosing(pieces):
                while True:
                    token = active_span_id.set(spans[0].id)
                    try:
                        piece = await anext(pieces)
                    except StopAsyncIteration:
                        return
                    finally:
                        active_span_id.reset(token)
                    texts.append(piece)
                    yield piece

    @contextmanager
    def _reading(self, spans: list[Span], texts: list[str]) -> Generator[None]:
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            said = "".join(map(str, texts))
            for span in spans:
                self._end(span, said, error)
            self._end_stream(spans[0], said, error)

    # --- Helpers ---

    def _is_on(self) -> bool:
        if context.current_run is None:
            return False
        return self.is_everywhere or bool(context.session.config.integrations.get(INTEGRATION))


@lru_cache(512)
def _says_more(kind: type[BaseEvent]) -> bool:
    """Whether events of a class say what spans do not."""
    return issubclass(kind, _MODEL_EVENTS) or kind.class_name() == _CANCELLED


def _switch_of(instance: Any) -> Switch | None:
    """The handler of ours in the callback manager of a component; of one without, in that of LlamaIndex's settings."""
    manager = getattr(instance, "callback_manager", None)
    if not isinstance(manager, CallbackManager):
        manager = Settings._callback_manager
    handlers = () if manager is None else manager.handlers
    return next((handler for handler in handlers if isinstance(handler, Switch)), None)


class _Spans(BaseSpanHandler[BaseSpan]):
    """What the dispatcher tells of spans. Keeps none of them. They are many, and pydantic's attributes slow."""

    def span_enter(
        self,
        id_: str,
        bound_args: BoundArguments,
        instance: Any | None = None,
        parent_id: str | None = None,
        tags: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        tracing().enter(id_, bound_args, instance, parent_id)

    def span_exit(
        self, id_: str, bound_args: BoundArguments, instance: Any | None = None, result: Any | None = None, **_: Any
    ) -> None:
        tracing().exit(id_, result)

    def span_drop(
        self,
        id_: str,
        bound_args: BoundArguments,
        instance: Any | None = None,
        err: BaseException | None = None,
        **_: Any,
    ) -> None:
        tracing().drop(id_, err)

    # The base's way to keep spans, which would call these.

    def new_span(self, *_: Any, **__: Any) -> None: ...
    def prepare_to_exit_span(self, *_: Any, **__: Any) -> None: ...
    def prepare_to_drop_span(self, *_: Any, **__: Any) -> None: ...


class _Events(BaseEventHandler):
    """What it tells of all else: it has no attributes for the same reason."""

    def handle(self, event: BaseEvent, **_: Any) -> None:
        tracing().handle(event)


@cache
def tracing() -> Tracing:
    """The tracing of this process, which hears LlamaIndex from now on."""
    found = Tracing()
    root = get_dispatcher()
    root.add_span_handler(_Spans())
    root.add_event_handler(_Events())
    return found
