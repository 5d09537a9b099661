"""An App, and where its spans and figures go: OpenTelemetry's own SDK, in memory."""

from __future__ import annotations

from collections.abc import Iterator

import convo
import pytest
from convo_otel import instrument
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> Iterator[TracerProvider]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    yield provider
    provider.shutdown()


@pytest.fixture
def figures() -> InMemoryMetricReader:
    return InMemoryMetricReader()


@pytest.fixture
def meter_provider(figures: InMemoryMetricReader) -> Iterator[MeterProvider]:
    provider = MeterProvider(metric_readers=[figures])
    yield provider
    provider.shutdown()


@pytest.fixture
def app(provider: TracerProvider, meter_provider: MeterProvider) -> convo.App:
    app = convo.App()
    instrument(app, tracer_provider=provider, meter_provider=meter_provider)
    return app
