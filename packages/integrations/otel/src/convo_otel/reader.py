"""The reader of a session's log that tells OpenTelemetry of it."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from typing import TYPE_CHECKING

from convo.log import Frame
from convo.protocol import (
    Batch,
    Event,
    RunEnded,
    RunInfo,
    RunQueued,
    RunStarted,
    SaveFailed,
    StepClosed,
    StepDelta,
    StepOpened,
)
from convo.run import Run, Trace, current_run
from convo.session import Session
from opentelemetry.context import Context, attach
from opentelemetry.trace import Link, SpanContext, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from convo_otel import attributes as names
from convo_otel.convert import nanoseconds
from convo_otel.here import Here
from convo_otel.tree import RunTree

if TYPE_CHECKING:
    from convo_otel.telemetry import Telemetry

__all__ = ["Reader"]

logger = logging.getLogger("convo.otel")

GATHER_SECONDS = 0.25
"""How long news gathers, while no run waits for the first text of its answer."""


class Reader:
    """Of one session. Nothing in it waits, and a stream costs it a look at merged deltas four times a second."""

    def __init__(self, telemetry: Telemetry, session: Session) -> None:
        self._telemetry = telemetry
        self._session = session
        self._trees: dict[str, RunTree] = {}  # of runs that are going
        self._queued: set[str] = set()
        self._active: set[str] = set()
        self._loop = asyncio.get_running_loop()
        self._planned: asyncio.Handle | None = None
        self._is_soon = False
        self._news_at = 0.0
        self._is_over = False
        self._subscription = session.log.subscribe(on_news=self._hear)
        self._subscription.position = 0  # the log's beginning, where a resumption ends runs; no snapshot of the thread
        contextvars.Context().run(self._read)

    def before_run(self, run: Run, context: contextvars.Context) -> None:
        """Begin a run's span, and make it the one that its callback is in."""
        info = self._session.state.runs[run.id]
        cause = _cause(run)
        is_request = run.client.connection_id is None
        tree = RunTree(
            self._telemetry,
            self._session,
            info,
            run=run,
            parent=cause if is_request else None,
            links=() if cause is None or is_request else (Link(cause),),
        )
        self._trees[run.id] = tree
        here = set_span_in_context(Here(tree.innermost))
        context.run(attach, here)
        if self._planned is not None:
            self._plan()

    # --- When to read ---

    def _hear(self) -> None:
        self._news_at = time.monotonic()
        if self._session.log.is_closed:
            contextvars.Context().run(self._read)  # whoever wrote, it is not his code that reads
        else:
            self._plan()

    def _plan(self) -> None:
        is_soon = any(not tree.has_spoken for tree in self._trees.values())
        if self._planned is not None:
            if self._is_soon or not is_soon:
                return
            self._planned.cancel()
        self._is_soon = is_soon
        self._planned = (
            self._loop.call_soon(self._read, context=contextvars.Context())
            if is_soon
            else self._loop.call_later(GATHER_SECONDS, self._read, context=contextvars.Context())
        )

    def _read(self) -> None:
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        try:
            while not self._is_over and (frame := self._subscription.read()) is not None:
                self._take(frame)
        except Exception:  # telemetry must not disturb what it tells of
            logger.exception("Telemetry of the session `%s` is incomplete", self._session.id)
        if self._session.log.is_closed and not self._is_over:
            self._is_over = True
            self._subscription.close()
            self._count(set(), set())
            self._telemetry.session_ended()

    # --- What is read ---

    def _take(self, frame: Frame) -> None:
        queued, active = set(self._queued), set(self._active)
        if isinstance(frame, Batch):
            deltas = frame.to - frame.start + 1
            for event in frame.events:
                if type(event) is not StepDelta:
                    deltas -= 1
                self._take_event(event, queued, active)
            if deltas:
                self._telemetry.instruments.deltas.add(deltas)
        else:
            self._catch_up(queued, active)
        self._count(queued, active)

    def _take_event(self, event: Event, queued: set[str], active: set[str]) -> None:
        steps = self._session.state.steps
        match event:
            case StepDelta():
                entry = steps.get(event.id)
                if entry is not None and entry.facts.type == "assistant_message":
                    self._speak(entry.facts.run_id)
            case StepOpened(step=step):
                if step.type == "assistant_message" and step.output:
                    self._speak(step.run_id)
            case StepClosed():
                entry = steps.get(event.id)
                tree = None if entry is None else self._trees.get(entry.facts.run_id or "")
                if tree is not None:
                    tree.close(event.id)
            case RunQueued():
                queued.add(event.id)
            case RunStarted():
                queued.discard(event.id)
                active.add(event.id)
            case RunEnded():
                queued.discard(event.id)
                active.discard(event.id)
                self._end(event.id)
            case SaveFailed():
                self._telemetry.instruments.save_failures.add(1)

    def _catch_up(self, queued: set[str], active: set[str]) -> None:
        """Too much happened to be told in single events: look at what has become of it."""
        queued.clear()
        active.clear()
        for run in list(self._session.state.runs.values()):
            if run.status == "queued":
                queued.add(run.id)
            elif run.status == "running":
                active.add(run.id)
            elif run.id in self._trees:
                self._end(run.id)

    def _count(self, queued: set[str], active: set[str]) -> None:
        instruments = self._telemetry.instruments
        for instrument, before, now in (
            (instruments.queued_runs, self._queued, queued),
            (instruments.active_runs, self._active, active),
        ):
            if len(now) != len(before):
                instrument.add(len(now) - len(before))
        self._queued, self._active = queued, active

    def _speak(self, run_id: str | None) -> None:
        tree = self._trees.get(run_id or "")
        if tree is None or tree.has_spoken:
            return
        tree.has_spoken = True
        info = self._session.state.runs[run_id or ""]
        began = nanoseconds(info.started_at or "") / 1e9
        seconds = time.time() - (time.monotonic() - self._news_at) - began
        self._telemetry.instruments.first_delta.record(max(0.0, seconds), {names.CALLBACK: info.callback})

    def _end(self, run_id: str) -> None:
        info: RunInfo | None = self._session.state.runs.get(run_id)
        tree = self._trees.pop(run_id, None)
        if info is None or info.started_at is None or info.ended_at is None:  # it was taken out of the queue
            return
        tree = tree or RunTree(self._telemetry, self._session, info)  # of a process that died, or without a callback
        tree.end(info)
        facts = {names.CALLBACK: info.callback, names.STATUS: info.status}
        seconds = (nanoseconds(info.ended_at) - nanoseconds(info.started_at)) / 1e9
        self._telemetry.instruments.run_duration.record(seconds, facts)


def _cause(run: Run) -> SpanContext | None:
    """The span that started a run: one that the server's own instrumentation has made, or the client's."""
    ambient = get_current_span().get_span_context() if current_run.get() is None else None
    if ambient is not None and ambient.is_valid:
        return ambient
    return None if run.client.trace is None else _told(run.client.trace)


def _told(trace: Trace) -> SpanContext | None:
    carrier = {"traceparent": trace.parent} | ({} if trace.state is None else {"tracestate": trace.state})
    told = get_current_span(TraceContextTextMapPropagator().extract(carrier, Context())).get_span_context()
    return told if told.is_valid else None
