"""OpenAI's Agents and Haystack, which tell what they do by OpenInference's spans, against a server of models."""

from __future__ import annotations

import asyncio

import convo
import openai
from agents import Agent, OpenAIResponsesModel, Runner
from convo.testing import draw_tree
from convo_otel import ConvoSpanProcessor
from haystack import Pipeline, component
from haystack.components.builders import ChatPromptBuilder
from haystack.dataclasses import ChatMessage
from openinference.instrumentation.haystack import HaystackInstrumentor
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor
from opentelemetry.sdk.trace import TracerProvider

from tests.harness.model_server import ModelServer
from tests.harness.traced import asked


async def test_agents_of_openai_are_a_tree_also_side_by_side(server: ModelServer, provider: TracerProvider) -> None:
    provider.add_span_processor(ConvoSpanProcessor())
    instrumentor = OpenAIAgentsInstrumentor()
    instrumentor.instrument(tracer_provider=provider, exclusive_processor=True)

    async def ask(text: str) -> None:
        async with convo.Step(text):
            answer = await Runner.run(Agent("helper", model=OpenAIResponsesModel("gpt-4o", client)), text)
            assert answer.final_output == text.upper()

    async def work() -> None:
        await asyncio.gather(*(ask(text) for text in ("one", "two", "three")))

    try:
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="sk-s3cret") as client:
            reply = await asked(convo.App({"debug": True}), work)
    finally:
        instrumentor.uninstrument()

    assert {node.name for node in reply.steps} == {"one", "two", "three"}
    for node in reply.steps:
        asked_for = f'[{{"content": "{node.name}", "role": "user"}}]'
        assert draw_tree(node.children).splitlines() == [
            "run Agent workflow",
            "  undefined Agent workflow",
            "    run helper",
            "      undefined turn",
            f'        llm response (gpt-4o-0824 1+2) {asked_for} → "{node.name.upper()}"',
        ]


@component
class Loud:
    """A component of the author's."""

    @component.output_types(text=str)
    def run(self, prompt: list[ChatMessage]) -> dict[str, str]:
        return {"text": str(prompt[-1].text).upper()}


async def test_a_pipeline_of_haystack_is_a_tree(provider: TracerProvider) -> None:
    provider.add_span_processor(ConvoSpanProcessor())
    instrumentor = HaystackInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    pipeline = Pipeline()
    pipeline.add_component("prompt", ChatPromptBuilder([ChatMessage.from_user("say {{text}}")]))
    pipeline.add_component("loud", Loud())
    pipeline.connect("prompt.prompt", "loud.prompt")

    async def work() -> None:
        given = {"prompt": {"text": "hello"}}
        assert (await asyncio.to_thread(pipeline.run, given))["loud"]["text"] == "SAY HELLO"
        assert (await pipeline.run_async(given))["loud"]["text"] == "SAY HELLO"

    try:
        reply = await asked(convo.App({"debug": True}), work)
    finally:
        instrumentor.uninstrument()

    assert draw_tree(reply.steps, texts=False).splitlines() == [
        "undefined Pipeline.run",
        "  undefined ChatPromptBuilder.run",
        "  undefined Loud.run",
        "undefined Pipeline.run_async",
        "  undefined Pipeline.run_async_generator",
        "    undefined ChatPromptBuilder.run",
        "    undefined Loud.run",
    ]
    assert '"SAY HELLO"' in reply.steps[0].step.output
