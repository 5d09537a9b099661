"""The tree of a run: its span, and those of its steps."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from convo.context import context
from convo.protocol import RunInfo, Step
from convo.run import Run, current_run
from convo.session import Session
from convo.state import is_message
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    set_span_in_context,
)

from convo_otel import attributes as names
from convo_otel.convert import MODELS, Content, SpanFacts, chat_message, nanoseconds, span_facts
from convo_otel.origin import origin_of

if TYPE_CHECKING:
    from convo_otel.telemetry import Telemetry

__all__ = ["RunTree"]


class RunTree:
    """Made when a run begins; its steps' spans when they end, or when code in them asks for theirs. From any thread."""

    def __init__(
        self,
        telemetry: Telemetry,
        session: Session,
        info: RunInfo,
        *,
        run: Run | None = None,
        parent: SpanContext | None = None,
        links: tuple[Link, ...] = (),
    ) -> None:
        self._telemetry = telemetry
        self._session = session
        self._run = run
        self._id = info.id
        self._spans: dict[str, Span] = {}
        self._ended: set[str] = set()
        self._lock = threading.RLock()  # a span processor may ask what the current span is
        self.has_spoken = False
        """Whether its answer has begun."""
        agent = session.config.project.name
        is_agent = info.callback == "on_message"
        facts: dict[str, Any] = {
            names.CONVERSATION: session.thread_id,
            names.SESSION: session.id,
            names.RUN: info.id,
            names.CALLBACK: info.callback,
            names.AGENT: agent,
        }
        if is_agent:
            facts |= {names.OPERATION: "invoke_agent", names.PROVIDER: "convo"}
        if run is not None:
            facts[names.CLIENT] = run.client.type
        assert info.started_at is not None
        self._span = telemetry.tracer.start_span(
            f"invoke_agent {agent}" if is_agent else info.callback,
            _below(None if parent is None else NonRecordingSpan(parent)),
            SpanKind.INTERNAL,
            facts,
            links,
            nanoseconds(info.started_at),
        )

        self._is_sent = self._span.get_span_context().is_valid  # there is somebody who takes spans

    def innermost(self) -> Span:
        """The span of the step that this code is in; the run's, if it is in none, or outside of the run."""
        run = current_run.get()
        step = None if run is None or run.id != self._id else context.current_step
        return self._span if step is None else self._span_of(step.id)

    def close(self, step_id: str) -> None:
        """End the span of a step that has ended."""
        entry = self._session.state.steps.get(step_id)
        step = None if entry is None else entry.facts
        if entry is None or step is None or is_message(step) or step.end is None or origin_of(step) is not None:
            return
        if not self._is_sent and step.type not in MODELS:
            return
        with self._lock:
            if step_id in self._ended:
                return
            self._ended.add(step_id)
        self._finish(entry.step)

    def end(self, info: RunInfo) -> None:
        """End the span of the run, and of what is left of its steps."""
        state = self._session.state
        assert info.ended_at is not None
        for step_id in state.steps_of(self._id):
            # Of a process that died, what had ended by then is sent already.
            if info.status != "interrupted" or state.steps[step_id].facts.end == info.ended_at:
                self.close(step_id)
        ended_at = nanoseconds(info.ended_at)
        with self._lock:
            left = [span for step_id, span in self._spans.items() if step_id not in self._ended]
        for span in left:  # of steps that were removed
            span.end(ended_at)
        span = self._span
        if span.is_recording():
            span.set_attribute(names.STATUS, info.status)
            if info.status in ("failed", "interrupted"):
                self._tell_error(span, info)
            content = self._content
            if content is not None:
                self._tell_messages(span, info, content)
        span.end(ended_at)

    @property
    def _content(self) -> Content | None:
        if not self._telemetry.content:
            return None
        return Content(self._session.config.limits.traced_bytes, self._session.callbacks.redact)

    def _span_of(self, step_id: str | None) -> Span:
        """The span of a step that has one, or of the step around it; made if it is not there yet."""
        entry = None if step_id is None else self._session.state.steps.get(step_id)
        if step_id is None or entry is None or entry.facts.run_id != self._id:
            return self._spans.get(step_id or "", self._span)
        step = entry.facts
        origin = origin_of(step)
        if origin is not None:
            return NonRecordingSpan(origin)
        if is_message(step):
            return self._span_of(step.parent_id)
        span = self._spans.get(step_id)
        return self._start(step, span_facts(step, None)) if span is None else span

    def _start(self, step: Step, facts: SpanFacts) -> Span:
        """The span of a step; begun, unless another thread was quicker."""
        parent = self._span_of(step.parent_id)
        with self._lock:
            if step.id in self._spans:
                return self._spans[step.id]
            self._spans[step.id] = parent  # in its place, for whoever looks while it is being made
            began = nanoseconds(step.start or step.created_at or "")
            span = self._telemetry.tracer.start_span(
                facts.name, _below(parent), facts.kind, facts.attributes, start_time=began
            )
            self._spans[step.id] = span
            return span

    def _finish(self, step: Step) -> None:
        facts = span_facts(step, self._content if self._span.is_recording() else None)
        begun = self._spans.get(step.id)
        span = self._start(step, facts) if begun is None else begun
        assert step.end is not None
        if span.is_recording():
            if begun is not None:
                span.update_name(facts.name)
                span.set_attributes(facts.attributes)
            if step.is_error:
                content = self._content
                span.set_status(Status(StatusCode.ERROR, None if content is None else content.text(step.output)))
        span.end(nanoseconds(step.end))
        with self._lock:
            self._spans[step.id] = NonRecordingSpan(span.get_span_context())  # the rest of it is exported, and gone
        if facts.is_of_model:
            duration = None if step.generation is None else step.generation.duration
            seconds = duration or (nanoseconds(step.end) - nanoseconds(step.start or step.end)) / 1e9
            self._telemetry.instruments.record_operation(facts.attributes, seconds)

    def _tell_error(self, span: Span, info: RunInfo) -> None:
        raised = None if self._run is None else self._run.raised
        kind = info.status if info.status == "interrupted" else names.OTHER
        span.set_attribute(names.ERROR_TYPE, kind if raised is None else _qualified(raised))
        content = self._content
        if info.error is not None:
            span.set_attribute(names.ERROR_ID, info.error.id)
        told = None if content is None or info.error is None else content.text(info.error.text)
        span.set_status(Status(StatusCode.ERROR, told))

    def _tell_messages(self, span: Span, info: RunInfo, content: Content) -> None:
        state = self._session.state
        asked = state.steps.get(info.trigger or "")
        if asked is not None and asked.facts.type == "user_message":
            message = chat_message({"role": "user", "content": asked.step.output})
            span.set_attribute(names.INPUT_MESSAGES, content.messages([message]))
        said = [
            chat_message({"role": "assistant", "content": state.steps[step_id].step.output})
            for step_id in state.steps_of(self._id)
            if state.steps[step_id].facts.type == "assistant_message"
        ]
        if said:
            span.set_attribute(names.OUTPUT_MESSAGES, content.messages(said))


def _below(span: Span | None) -> Context:
    return Context() if span is None else set_span_in_context(span, Context())


def _qualified(kind: type[BaseException]) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
