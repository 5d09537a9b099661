"""The origin of a step: the span of a framework's that it was made from."""

from __future__ import annotations

from convo.protocol import Step
from opentelemetry.trace import SpanContext, TraceFlags, format_span_id, format_trace_id

__all__ = ["origin_metadata", "origin_of"]

_KEY = "traceparent"


def origin_metadata(span: SpanContext) -> dict[str, str]:
    """What the metadata of a step says of the span that it was made from, as W3C Trace Context does."""
    return {_KEY: f"00-{format_trace_id(span.trace_id)}-{format_span_id(span.span_id)}-{span.trace_flags:02x}"}


def origin_of(step: Step) -> SpanContext | None:
    """The span that a step was made from: it is sent out already. `None` for all others."""
    told = None if step.metadata is None else step.metadata.get(_KEY)
    if not isinstance(told, str):
        return None
    try:
        _, trace_id, span_id, flags = told.split("-")
        return SpanContext(int(trace_id, 16), int(span_id, 16), False, TraceFlags(int(flags, 16)))
    except ValueError:  # the author's own
        return None
