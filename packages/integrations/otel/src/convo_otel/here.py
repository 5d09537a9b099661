"""Here: the span that code is in, looked up when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opentelemetry.trace import Span, SpanContext

__all__ = ["Here"]


class Here(Span):
    """Stands in a callback's context for the span of its innermost step, or of the run.

    Steps are opened in the log, where nothing waits for a span of theirs. So it is made when a client or a framework
    asks what to go on with, be that in another task or thread.
    """

    def __init__(self, find: Callable[[], Span]) -> None:
        self._find = find

    def get_span_context(self) -> SpanContext:
        return self._find().get_span_context()

    def is_recording(self) -> bool:
        return self._find().is_recording()

    def set_attribute(self, key: str, value: Any) -> None:
        self._find().set_attribute(key, value)

    def set_attributes(self, attributes: Any) -> None:
        self._find().set_attributes(attributes)

    def add_event(self, name: str, attributes: Any = None, timestamp: int | None = None) -> None:
        self._find().add_event(name, attributes, timestamp)

    def add_link(self, context: SpanContext, attributes: Any = None) -> None:
        self._find().add_link(context, attributes)

    def update_name(self, name: str) -> None:
        self._find().update_name(name)

    def set_status(self, status: Any, description: str | None = None) -> None:
        self._find().set_status(status, description)

    def record_exception(
        self, exception: BaseException, attributes: Any = None, timestamp: int | None = None, escaped: bool = False
    ) -> None:
        self._find().record_exception(exception, attributes, timestamp, escaped)

    def end(self, end_time: int | None = None) -> None:
        """Nothing: the log says when it ends."""
