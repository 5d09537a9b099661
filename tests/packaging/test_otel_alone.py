"""A project outside this repository that sends traces: `convo-otel` with `convo-core` alone, from wheels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.packaging

APP = """
import asyncio, sys

import convo
from convo.testing import ChatClient, draw_tree

app = convo.App()

@app.on_message
async def answer(message):
    async with convo.Step("weather", "tool"):
        await convo.Message("sunny").send()
"""

WITHOUT_SDK = (
    APP
    + """
async def main():
    async with ChatClient(app) as chat:
        print((await chat.send("hello")).content)
    assert not any(name.startswith("opentelemetry.sdk") for name in sys.modules)

asyncio.run(main())
"""
)

WITH_SDK = (
    APP
    + """
import convo_otel
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(convo_otel.ConvoSpanProcessor())
provider.add_span_processor(SimpleSpanProcessor(spans))
convo_otel.instrument(app, tracer_provider=provider)

async def main():
    @app.on_message
    async def answer(message):
        with provider.get_tracer("mine").start_as_current_span(
            "look", attributes={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look"}
        ):
            pass

    async with ChatClient(app) as chat:
        print(draw_tree((await chat.send("hello")).steps))
    print([span.name for span in spans.get_finished_spans()])

asyncio.run(main())
"""
)


def test_without_an_sdk_the_setting_sends_nothing(install: Callable[..., Any], tmp_path: Path) -> None:
    installed = install("convo-otel")
    (tmp_path / "convo.toml").write_text("[integrations]\notel = true\n")

    result = installed.run("python", "-c", WITHOUT_SDK, cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "sunny\n"
    assert {name for name in installed.distributions() if name.startswith("convo")} == {"convo-core", "convo-otel"}
    assert not installed.distributions() & {"opentelemetry-sdk", "starlette", "pytest", "pydantic-ai-slim"}


def test_with_it_runs_go_out_and_spans_come_in(install: Callable[..., Any], tmp_path: Path) -> None:
    result = install("convo-otel[sdk]").run("python", "-c", WITH_SDK, cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "tool look\n['look', 'invoke_agent Assistant']\n"
