"""Telemetry: the CPU of a run, a step and a token that OpenTelemetry is told of, beyond that of an app without it."""

from __future__ import annotations

import gc
import time
from typing import Any

import convo
from convo.testing import ChatClient

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

STEPS = 20  # of a run that has some
ROUNDS = 6


def _provider() -> Any:
    """OpenTelemetry's SDK, as it is used, but that it sends nothing anywhere."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class Nowhere(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Nowhere(), max_queue_size=1 << 16))
    return provider


def _observe(app: convo.App, provider: Any) -> None:
    # Nothing but this benchmark needs OpenTelemetry.
    from convo_otel import ConvoSpanProcessor, instrument

    provider.add_span_processor(ConvoSpanProcessor())
    instrument(app, tracer_provider=provider)


def _app(provider: Any, tokens: int, inside: list[float]) -> convo.App:
    """`inside` is told how long spans took: by themselves, without what reads their steps."""
    app = convo.App({"limits": {"commands_per_second": 1e6}})
    framework = provider.get_tracer("a framework")

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "steps":
            for _ in range(STEPS):
                async with convo.Step("weather", "tool") as step:
                    step.input, step.output = {"city": "Paris"}, "sunny"
        elif message.content == "spans":
            start = time.process_time()
            for _ in range(STEPS):
                with framework.start_as_current_span(
                    "execute_tool weather", attributes={"gen_ai.operation.name": "execute_tool"}
                ):
                    pass
            inside.append(time.process_time() - start)
        elif message.content == "tokens":
            reply = convo.Message("")
            for _ in range(tokens):
                await reply.stream_token("x")
            await reply.send()

    return app


async def run(target: Target, size: Size) -> Sample:
    turns, tokens = size.of(25, 2), size.of(3_000, 100)
    least: dict[tuple[str, bool], float] = {}
    replies = 0
    providers = [_provider(), _provider()]
    inside: list[float] = []
    plain, observed = (_app(provider, tokens, inside) for provider in providers)
    _observe(observed, providers[1])
    async with ChatClient(plain, timeout=300) as without, ChatClient(observed, timeout=300) as with_it:
        for _ in range(ROUNDS):
            for what in ("nothing", "steps", "spans", "tokens"):
                for chat in (without, with_it):
                    gc.collect()
                    inside.clear()
                    start = time.process_time()
                    for _ in range(1 if what == "tokens" else turns):
                        replies += (await chat.send(what)).status == "done"
                    # What others do on the machine only adds, as garbage of earlier rounds does.
                    key, took = (what, chat is with_it), sum(inside) or time.process_time() - start
                    least[key] = min(least.get(key, took), took)
    for provider in providers:
        provider.shutdown()

    def beyond(what: str) -> float:
        return (least[what, True] - least[what, False]) * 1e6

    of_run = beyond("nothing") / turns
    figures = {
        "run": of_run,
        "step": (beyond("steps") / turns - of_run) / STEPS,
        "span": beyond("spans") / turns / STEPS,
        "token": (beyond("tokens") - of_run) / tokens,
    }
    return Sample(figures, {"replies": replies})


BENCHMARK = Benchmark(
    "telemetry",
    (
        Figure("run", "CPU per run that is a span, with OpenTelemetry's SDK", "µs"),
        Figure("step", "CPU per step that is a span", "µs", Goal(100)),
        Figure("span", "CPU per span of a framework that is a step", "µs", Goal(100)),
        Figure("token", "CPU per streamed token of an app that is observed", "µs", Goal(2)),
    ),
    run,
    repeats=3,
    only=frozenset({"convo"}),
)
