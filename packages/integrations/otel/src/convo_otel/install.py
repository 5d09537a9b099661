"""Switching it on: by a call, or without a line of code by `[integrations] otel = true`."""

from __future__ import annotations

from convo import App
from convo.app import current_app
from opentelemetry import metrics, trace

from convo_otel.settings import OtelSettings
from convo_otel.telemetry import Telemetry

__all__ = ["install", "instrument"]

_MARK = "__convo_steps__"
"""On a tracer provider whose spans are taken in for apps whose settings say so."""


def install(app: App) -> None:
    """Send out what the App does, by the providers that the process has. Idempotent; called at an App's start.

    Does nothing for an App whose settings do not turn it on; one that was instrumented by a call goes on with what it
    was given there.
    """
    settings = app.config.leaf("integrations.otel", OtelSettings)
    if settings is None:
        return
    if not any(isinstance(observer, Telemetry) for observer in app.callbacks.observers):
        app.observe(Telemetry(content=settings.content))
    if settings.steps:
        _take_in(trace.get_tracer_provider())


def instrument(
    app: App | None = None,
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
    content: bool = False,
) -> None:
    """Send out what an App does: by default the one that is being loaded, and by the providers set for the process.

    With `content`, spans hold what users and models say, as far as `@convo.redact` lets it through. A second call
    replaces the first, for sessions that begin from then on.
    """
    observers = (app or current_app()).callbacks.observers
    observers[:] = [observer for observer in observers if not isinstance(observer, Telemetry)]
    observers.append(Telemetry(tracer_provider=tracer_provider, meter_provider=meter_provider, content=content))


def _take_in(provider: trace.TracerProvider) -> None:
    """Show spans of GenAI frameworks as steps, once, where there is an SDK to ask."""
    add = getattr(provider, "add_span_processor", None)
    if add is None or hasattr(provider, _MARK):
        return
    from convo_otel.processor import ConvoSpanProcessor

    setattr(provider, _MARK, True)
    add(ConvoSpanProcessor(integration="otel"))
