"""Spans of OpenTelemetry's SDK as text, for tests that compare with how they should be."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan

__all__ = ["draw_spans"]


def draw_spans(spans: Sequence[ReadableSpan], *shown: str) -> str:
    """One a line, below each other: the name, then `shown` attributes that it has, then the type of an error.

    Roots and siblings stand in the order of their names: times of the log, in milliseconds, tell not which was first.
    """
    known = {span.context.span_id for span in spans if span.context is not None}
    roots = [span for span in spans if span.parent is None or span.parent.span_id not in known]
    return "\n".join(line for span in sorted(roots, key=_name) for line in _lines(span, spans, shown, 0))


def _lines(span: ReadableSpan, spans: Sequence[ReadableSpan], shown: Sequence[str], depth: int) -> list[str]:
    assert span.context is not None
    facts = span.attributes or {}
    parts = [span.name, *(f"{name.rpartition('.')[2]}={facts[name]!s}" for name in shown if name in facts)]
    if not span.status.is_ok:
        parts.append(f"✗ {facts.get('error.type')}")
    lines = ["  " * depth + " ".join(parts)]
    below = [one for one in spans if one.parent is not None and one.parent.span_id == span.context.span_id]
    for one in sorted(below, key=_name):
        lines += _lines(one, spans, shown, depth + 1)
    return lines


def _name(span: ReadableSpan) -> str:
    return span.name
