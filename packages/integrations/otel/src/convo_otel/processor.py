"""The span processor: spans of GenAI frameworks, as steps of the run that they are in."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from convo import Tracer
from convo.run import current_run
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import SpanContext, StatusCode, get_current_span

from convo_otel import genai, openinference
from convo_otel.here import Here
from convo_otel.origin import origin_metadata
from convo_otel.telemetry import SCOPE
from convo_otel.work import Facts, Happening, Work

if TYPE_CHECKING:
    from opentelemetry.context import Context

__all__ = ["ConvoSpanProcessor"]

_CANCELLED = ("CancelledError", "GeneratorExit", "KeyboardInterrupt")


class ConvoSpanProcessor(SpanProcessor):
    """Shows spans of instrumented frameworks as steps: `provider.add_span_processor(ConvoSpanProcessor())`.

    It reads those that speak by the GenAI conventions or OpenInference. Others are passed over: what is in them hangs
    where they would. Outside a callback it does nothing, and convo's own spans it leaves alone.
    """

    def __init__(self, *, integration: str | None = None) -> None:
        """With `integration`, only in apps whose settings turn that on."""
        self._tracer = Tracer("otel", locate=_current_id, integration=integration)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if current_run.get() is None or _is_own(span):
            return
        id, parent = _id(span.context), None if span.parent is None else _id(span.parent)
        if parent is not None:
            self._look_again(parent)
        work = self._tracer.capture(_read, span)
        if work is None:
            self._tracer.skip(id, parent=parent, memo={"passed over": span, "parent": parent})
            return
        # What says something that cannot be read is shown, with the reason.
        shown = work if isinstance(work, Work) else Work("undefined", span.name, input=work)
        self._open(id, parent, span, shown)

    def on_end(self, span: ReadableSpan) -> None:
        id = None if span.context is None else _id(span.context)
        if id is None or not self._tracer.is_open(id):
            return
        self._look_again(id)
        memo = self._tracer.memo(id) or {}
        if "passed over" in memo:
            self._tracer.close(id)
            return
        work = self._tracer.capture(_read, span)
        if not isinstance(work, Work):  # what it says could not be read
            self._tracer.close(id, work)
            return
        self._tracer.patch(
            id,
            name=None if memo.get("name") == work.name else work.name,
            input=None if memo.get("has input") else work.input,
        )
        error = self._tracer.capture(_error, span)
        if error is None:
            self._tracer.close(
                id,
                work.output,
                generation=work.generation,
                elements=work.elements,
                metadata=work.metadata or None,
            )
        elif error.startswith(_CANCELLED):
            self._tracer.cancel(id)
        else:
            self._tracer.fail(id, error, generation=work.generation, metadata=work.metadata or None)

    def _look_again(self, id: Hashable) -> None:
        """Show a span after all that was passed over, and has said what it is since it began."""
        memo = self._tracer.memo(id) or {}
        span = memo.get("passed over")
        work = None if span is None else self._tracer.capture(_read, span)
        if span is not None and isinstance(work, Work):
            self._tracer.close(id)
            self._open(id, memo["parent"], span, work)

    def _open(self, id: Hashable, parent: Hashable | None, span: Span, work: Work) -> None:
        self._tracer.open(
            id,
            work.name,
            parent=parent,
            type=work.type,
            input=work.input,
            generation=work.generation,
            metadata=origin_metadata(span.context),
            memo={"name": work.name, "has input": work.input is not None},
        )


def _read(span: ReadableSpan) -> Work | None:
    facts: Facts = dict(span.attributes or {})  # the SDK's own is slow to ask
    happened: Sequence[Happening] = [(event.name, event.attributes or {}) for event in span.events]
    return genai.read(span.name, facts, happened) or openinference.read(span.name, facts, happened)


def _error(span: ReadableSpan) -> str | None:
    """What went wrong: by the last exception that was recorded, or else by the status."""
    if span.status.status_code is not StatusCode.ERROR:
        return None
    for event in reversed(span.events):
        if event.name == "exception":
            told: Any = event.attributes or {}
            kind = str(told.get("exception.type", "Error")).rpartition(".")[2]
            return f"{kind}: {told.get('exception.message', '')}"
    return span.status.description or "Error"


def _is_own(span: ReadableSpan) -> bool:
    scope = span.instrumentation_scope
    return scope is not None and scope.name == SCOPE


def _id(span: SpanContext) -> Hashable:
    return span.trace_id, span.span_id


def _current_id() -> Hashable | None:
    """The span that the running code is in, if that is none of ours."""
    span = get_current_span()
    return None if isinstance(span, Here) else _id(span.get_span_context())
