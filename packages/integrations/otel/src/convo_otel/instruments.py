"""The instruments: what is counted and measured, by OpenTelemetry's names for GenAI and ours for the rest."""

from __future__ import annotations

from typing import Any

from opentelemetry.metrics import Meter

from convo_otel import attributes as names

__all__ = ["Instruments"]

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = tuple(4**power for power in range(14))
_LAGS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Instruments:
    """Those of a meter."""

    def __init__(self, meter: Meter) -> None:
        self.sessions = meter.create_up_down_counter("convo.sessions", "{session}", "Live threads.")
        self.active_runs = meter.create_up_down_counter("convo.runs.active", "{run}", "Callbacks that are going.")
        self.queued_runs = meter.create_up_down_counter("convo.runs.queued", "{run}", "Messages that wait their turn.")
        self.run_duration = meter.create_histogram(
            "convo.run.duration", "s", "How long a callback took.", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self.first_delta = meter.create_histogram(
            "convo.run.time_to_first_delta",
            "s",
            "From the start of a run to the first text of its answer.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self.deltas = meter.create_counter("convo.deltas", "{delta}", "Pieces of streamed text.")
        self.save_failures = meter.create_counter("convo.save.failures", "{failure}", "Saves that failed, by thread.")
        self.loop_lag = meter.create_histogram(
            "convo.event_loop.lag", "s", "How late the event loop is.", explicit_bucket_boundaries_advisory=_LAGS
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._operation = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )

    def record_operation(self, attributes: dict[str, Any], seconds: float) -> None:
        """A call of a model, by the attributes of its span."""
        shared = {name: attributes[name] for name in names.OF_METRICS if name in attributes}
        for kind, count in (("input", names.INPUT_TOKENS), ("output", names.OUTPUT_TOKENS)):
            if count in attributes:
                self._tokens.record(attributes[count], {**shared, names.TOKEN_TYPE: kind})
        if names.ERROR_TYPE in attributes:
            shared[names.ERROR_TYPE] = attributes[names.ERROR_TYPE]
        self._operation.record(seconds, shared)
