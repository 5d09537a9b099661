"""What is counted and measured."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import convo
import pytest
from convo.errors import UnavailableError
from convo.testing import ChatClient
from convo_otel import pulse
from opentelemetry.sdk.metrics.export import InMemoryMetricReader


def read(figures: InMemoryMetricReader) -> dict[str, list[Any]]:
    """The points of each instrument, by its name."""
    data = figures.get_metrics_data()
    scopes = [] if data is None else [scope for one in data.resource_metrics for scope in one.scope_metrics]
    return {metric.name: list(metric.data.data_points) for scope in scopes for metric in scope.metrics}


async def test_sessions_and_runs_are_counted_while_they_last(app: convo.App, figures: InMemoryMetricReader) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        reached.set()
        await go_on.wait()

    async with ChatClient(app) as chat:
        await chat.new_chat()
        runs = [await chat.post(text) for text in ("first", "second", "third")]
        await reached.wait()
        await _until(lambda: read(figures)["convo.runs.queued"][0].value == 2)
        during = read(figures)
        go_on.set()
        for run_id in runs:
            await chat.reply(run_id)
    after = read(figures)

    assert [during[name][0].value for name in ("convo.sessions", "convo.runs.active")] == [2, 1]
    for name in ("convo.sessions", "convo.runs.active", "convo.runs.queued"):
        assert after[name][0].value == 0
    (point,) = after["convo.run.duration"]
    assert point.count == 3
    assert dict(point.attributes) == {"convo.callback": "on_message", "convo.run.status": "done"}


async def test_deltas_and_the_time_to_the_first_are_told(app: convo.App, figures: InMemoryMetricReader) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        await asyncio.sleep(0.2)
        reply = convo.Message("")
        for _ in range(500):
            await reply.stream_token("x")
        await asyncio.sleep(0.3)
        await reply.send()

    async with ChatClient(app) as chat:
        assert (await chat.send("hello")).content == 500 * "x"

    told = read(figures)
    assert told["convo.deltas"][0].value == 500
    (first,) = told["convo.run.time_to_first_delta"]
    assert first.count == 1
    assert 0.2 <= first.sum < told["convo.run.duration"][0].sum - 0.25


async def test_tokens_and_times_of_models_are_told_by_model(app: convo.App, figures: InMemoryMetricReader) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        for model in ("a", "b", "b"):
            async with convo.Step("Model", "llm") as step:
                step.generation = convo.ChatGeneration(
                    provider="openai", model=model, input_token_count=3, output_token_count=4, duration=0.5
                )
        with pytest.raises(LookupError):
            async with convo.Step("Model", "llm") as step:
                raise LookupError("no")

    async with ChatClient(app) as chat:
        await chat.send("hello")

    told = read(figures)
    tokens = {
        (point.attributes["gen_ai.request.model"], point.attributes["gen_ai.token.type"]): point.sum
        for point in told["gen_ai.client.token.usage"]
    }
    assert tokens == {("a", "input"): 3, ("a", "output"): 4, ("b", "input"): 6, ("b", "output"): 8}
    durations = {
        (point.attributes.get("gen_ai.request.model"), point.attributes.get("error.type")): (point.count, point.sum)
        for point in told["gen_ai.client.operation.duration"]
    }
    assert durations["b", None] == (2, 1.0)
    assert durations[None, "_OTHER"][0] == 1


async def test_failures_to_save_are_counted(app: convo.App, figures: InMemoryMetricReader) -> None:
    class Full(convo.MemoryDataLayer):
        async def apply(self, *args: Any, **kwargs: Any) -> None:
            raise UnavailableError("no space left")

    @app.on_message
    async def answer(message: convo.Message) -> None: ...

    async with ChatClient(app, data_layer=Full()) as chat:
        await chat.send("hello")
        await _until(lambda: "convo.save.failures" in read(figures))

    assert read(figures)["convo.save.failures"][0].value == 1


async def test_a_loop_that_is_late_is_told_of(
    app: convo.App, figures: InMemoryMetricReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "BEAT_SECONDS", 0.01)

    @app.on_message
    async def answer(message: convo.Message) -> None:
        time.sleep(0.3)  # the mistake that is meant
        await asyncio.sleep(0.05)

    async with ChatClient(app) as chat:
        await chat.send("hello")

    (lag,) = read(figures)["convo.event_loop.lag"]
    assert lag.max >= 0.2
    assert lag.min < 0.2


async def test_no_timer_is_left_when_nobody_chats(app: convo.App) -> None:
    async with ChatClient(app):
        pass

    timers = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    assert not any("Pulse" in repr(timer) and not timer.cancelled() for timer in timers)


async def _until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)
