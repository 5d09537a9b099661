"""Telemetry: what one App sends out."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context

from convo.run import Run
from convo.session import Session
from opentelemetry import metrics, trace

from convo_otel._version import __version__
from convo_otel.instruments import Instruments
from convo_otel.pulse import Pulse
from convo_otel.reader import Reader

__all__ = ["SCOPE", "Telemetry"]

SCOPE = "convo"
"""The instrumentation scope of all that convo emits itself."""


class Telemetry:
    """An observer of an App: gives each session a reader, and shares with them where spans and figures go.

    Providers that are `None` are those of the process, also when they are set later; while none is, nothing is sent.
    """

    def __init__(
        self,
        *,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
        content: bool = False,
    ) -> None:
        self.tracer = trace.get_tracer(SCOPE, __version__, tracer_provider)
        self.instruments = Instruments(metrics.get_meter(SCOPE, __version__, meter_provider))
        self.content = content
        self._pulse = Pulse(self.instruments.loop_lag)

    def __call__(self, session: Session) -> Callable[[Run, Context], None]:
        """Read along in a session that begins."""
        self.instruments.sessions.add(1)
        self._pulse.keep()
        return Reader(self, session).before_run

    def session_ended(self) -> None:
        """A reader has read its log to the end."""
        self.instruments.sessions.add(-1)
        self._pulse.release()
