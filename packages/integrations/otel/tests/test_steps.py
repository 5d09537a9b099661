"""What a framework's spans say is shown as steps, in whichever words they say it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import convo
import pytest
from convo.protocol import Step
from convo.testing import ChatClient, Reply, draw_tree
from convo_otel import ConvoSpanProcessor, instrument
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai import Agent
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.test import TestModel

from tests.harness.spans import draw_spans
from tests.harness.traced import asked

KIND = "openinference.span.kind"
Work = Callable[[], Awaitable[Any]]


@pytest.fixture(autouse=True)
def _taken_in(provider: TracerProvider) -> None:
    provider.add_span_processor(ConvoSpanProcessor())


@pytest.fixture
def framework(provider: TracerProvider) -> trace.Tracer:
    return provider.get_tracer("a framework")


async def reply_to(work: Work, app: convo.App | None = None) -> Reply:
    return await asked(app or convo.App({"debug": True}), work)


async def step_of(work: Work) -> Step:
    (node,) = (await reply_to(work)).steps
    return node.step


def spanning(framework: trace.Tracer, name: str, facts: dict[str, Any], *events: tuple[str, dict[str, Any]]) -> Work:
    """Work that is one span."""

    async def work() -> None:
        with framework.start_as_current_span(name, attributes=facts) as span:
            for event, inner in events:
                span.add_event(event, inner)

    return work


async def test_an_agent_with_tools_is_a_tree_and_one_trace(
    app: convo.App, provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    agent = Agent(TestModel(custom_output_text="It is sunny."), name="forecaster")
    agent.instrument = InstrumentationSettings(tracer_provider=provider)

    @agent.tool_plain
    async def weather(city: str) -> str:
        async with convo.Step("Look up", "retrieval"):
            await asyncio.sleep(0)
        return "sunny"

    async def work() -> None:
        await agent.run("Paris?")

    reply = await reply_to(work, app)

    # How many tokens there were, its test model only guesses.
    assert re.sub(r"\d+\+\d+", "tokens", draw_tree(reply.steps, texts=False)).splitlines() == [
        "run forecaster",
        "  llm test (test tokens)",
        "  tool weather",
        "    retrieval Look up",
        "  llm test (test tokens)",
    ]
    run, tool = reply.steps[0].step, reply.steps[0].children[1].step
    assert (run.input, run.output) == ("Paris?", "It is sunny.")
    assert (json.loads(tool.input), tool.output) == ({"city": "a"}, "sunny")
    generation = reply.steps[0].children[2].step.generation
    assert generation is not None
    assert generation.messages is not None
    assert [message["role"] for message in generation.messages] == ["user", "assistant", "tool"]
    assert generation.message_completion == {"role": "assistant", "content": "It is sunny."}
    sent = {span.context.span_id: span for span in spans.get_finished_spans() if span.context is not None}
    assert len({span.context.trace_id for span in sent.values() if span.context is not None}) == 1
    ours = [
        span
        for span in sent.values()
        if span.instrumentation_scope is not None and span.instrumentation_scope.name == "convo"
    ]
    assert [span.name for span in ours] == ["retrieval Look up", "invoke_agent Assistant"]
    assert ours[0].parent is not None
    assert dict(sent[ours[0].parent.span_id].attributes or {})["gen_ai.tool.name"] == "weather"


async def test_openinference_says_models_tools_and_documents(framework: trace.Tracer) -> None:
    async def work() -> None:
        with framework.start_as_current_span(
            "pipeline", attributes={KIND: "CHAIN", "input.value": "weather?"}
        ) as chain:
            found = {
                "retrieval.documents.0.document.id": "d1",
                "retrieval.documents.0.document.content": "Paris is sunny.",
                "retrieval.documents.0.document.score": 0.5,
                "retrieval.documents.1.document.content": "Rome, too.",
            }
            with framework.start_as_current_span(
                "search", attributes={KIND: "RETRIEVER", "input.value": "weather"}
            ) as search:
                search.set_attributes(found)
            model = {
                KIND: "LLM",
                "llm.model_name": "gpt-5",
                "llm.provider": "openai",
                "llm.invocation_parameters": '{"temperature": 0.5}',
                "llm.input_messages.0.message.role": "user",
                "llm.input_messages.0.message.contents.0.message_content.type": "text",
                "llm.input_messages.0.message.contents.0.message_content.text": "weather?",
                "llm.output_messages.0.message.role": "assistant",
                "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
                "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "look",
                "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"at": "sky"}',
                "llm.token_count.prompt": 3,
                "llm.token_count.completion": 4,
                "llm.token_count.total": 7,
                "llm.tools.0.tool.json_schema": '{"name": "look"}',
            }
            with framework.start_as_current_span("ChatCompletion", attributes=model):
                pass
            with framework.start_as_current_span("tool", attributes={KIND: "TOOL", "tool.name": "look"}) as tool:
                tool.set_attributes({"input.value": '{"at": "sky"}', "output.value": "blue"})
            with framework.start_as_current_span("embed", attributes={KIND: "EMBEDDING"}) as embedding:
                embedding.set_attributes(
                    {
                        "embedding.model_name": "ada",
                        "embedding.embeddings.0.embedding.text": "sky",
                        "embedding.embeddings.0.embedding.vector": (0.1, 0.2, 0.3),
                    }
                )
            chain.set_attribute("output.value", "sunny")

    app = convo.App({"debug": True})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await work()

    async with ChatClient(app) as chat:
        reply = await chat.send("go")
        (chain,) = reply.steps
        search, model, _, _ = (node.step for node in chain.children)
        await chat.until(lambda: len(chat.elements(search)) == 2, "the documents")
        documents = {element.name: await chat.read(element) for element in chat.elements(search)}

    assert draw_tree(reply.steps).splitlines() == [
        'undefined pipeline "weather?" → "sunny"',
        '  retrieval search "weather" → [{"id": "d1", "score…id": "Document 2"}]',
        '  llm ChatCompletion (gpt-5 3+4) → [{"id": "c1", "type"…"at\\": \\"sky\\"}"}}]',
        '  tool look {"at": "sky"} → "blue"',
        '  embedding embed (ada) ["sky"] → {"vectors": 1, "dimensions": 3}',
    ]
    assert documents == {"d1": b"Paris is sunny.", "Document 2": b"Rome, too."}
    generation = model.generation
    assert generation is not None
    assert generation.messages == [{"role": "user", "content": "weather?"}]
    assert (generation.provider, generation.token_count, generation.settings) == ("openai", 7, {"temperature": 0.5})
    assert generation.tools == [{"name": "look"}]


MESSAGES = [
    {"role": "user", "parts": [{"type": "text", "content": "hello"}]},
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "sunny"}]},
]
ANSWER = {"role": "assistant", "parts": [{"type": "text", "content": "HELLO"}], "finish_reason": "stop"}
BY_ATTRIBUTES = {"gen_ai.input.messages": json.dumps(MESSAGES), "gen_ai.output.messages": json.dumps([ANSWER])}
BY_EVENTS = (
    ("gen_ai.user.message", {"content": "hello"}),
    ("gen_ai.tool.message", {"content": "sunny"}),
    ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": '{"content": "HELLO"}'}),
)
FLATTENED = {
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "hello",
    "gen_ai.prompt.1.role": "tool",
    "gen_ai.prompt.1.content": "sunny",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "HELLO",
}


@pytest.mark.parametrize(
    ("facts", "events"),
    [
        (BY_ATTRIBUTES, ()),
        ({}, BY_EVENTS),
        ({}, (("gen_ai.client.inference.operation.details", BY_ATTRIBUTES),)),
        (FLATTENED, ()),
    ],
    ids=["attributes", "events", "one event", "flattened"],
)
async def test_messages_are_read_however_they_are_told(
    framework: trace.Tracer, facts: dict[str, Any], events: tuple[Any, ...]
) -> None:
    model = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.response.model": "gpt-5-0824",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cost": 0.25,
    }
    step = await step_of(spanning(framework, "chat gpt-5", model | facts, *events))

    generation = step.generation
    assert generation is not None
    assert (step.type, step.name, step.output) == ("llm", "gpt-5", "HELLO")
    assert generation.messages is not None
    assert [(message["role"], message["content"]) for message in generation.messages] == [
        ("user", "hello"),
        ("tool", "sunny"),
    ]
    assert generation.message_completion is not None
    assert generation.message_completion["content"] == "HELLO"
    assert (generation.provider, generation.model, generation.token_count) == ("openai", "gpt-5-0824", 7)
    assert generation.cost == 0.25
    assert (generation.settings, generation.metadata) == ({"temperature": 0.5}, {"finish_reason": "stop"})


async def test_spans_of_others_are_passed_over(framework: trace.Tracer) -> None:
    async def work() -> None:
        with (
            framework.start_as_current_span("agent", attributes={"gen_ai.operation.name": "invoke_agent"}),
            framework.start_as_current_span("running tools"),
            framework.start_as_current_span("tool", attributes={"gen_ai.operation.name": "execute_tool"}),
            framework.start_as_current_span("GET /weather"),
        ):
            async with convo.Step("mine"):
                pass

    reply = await reply_to(work)

    assert draw_tree(reply.steps).splitlines() == ["run agent", "  tool tool", "    undefined mine"]


async def test_a_span_may_say_late_what_it_is(framework: trace.Tracer) -> None:
    async def work() -> None:
        with framework.start_as_current_span("late") as outer:
            outer.set_attribute(KIND, "AGENT")
            with framework.start_as_current_span("later") as inner:
                inner.set_attribute(KIND, "TOOL")

    reply = await reply_to(work)

    assert draw_tree(reply.steps).splitlines() == ["run late", "  tool later"]


async def test_a_span_that_was_cancelled_is_no_error(framework: trace.Tracer) -> None:
    async def work() -> None:
        with framework.start_as_current_span("tool", attributes={KIND: "TOOL"}) as span:
            span.record_exception(asyncio.CancelledError())
            span.set_status(trace.Status(trace.StatusCode.ERROR))

    assert draw_tree((await reply_to(work)).steps) == "tool tool (cancelled)"


async def test_convos_own_spans_are_not_taken_in_again(
    app: convo.App, provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    async def work() -> None:
        async with convo.Step("Model", "llm") as step:
            trace.get_current_span().add_event("its span is made now")
            step.generation = convo.ChatGeneration(model="gpt-5")

    reply = await reply_to(work, app)

    assert draw_tree(reply.steps) == "llm Model (gpt-5)"
    assert draw_spans(spans.get_finished_spans()) == "invoke_agent Assistant\n  chat gpt-5"


async def test_what_cannot_be_read_says_so(framework: trace.Tracer, caplog: pytest.LogCaptureFixture) -> None:
    nonsense = {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": "[{not JSON",
        "gen_ai.output.messages": '[1, {"parts": 7}, {"parts": [7, {"type": 8}]}]',
        "gen_ai.usage.input_tokens": "three",
        "gen_ai.usage.output_tokens": 4.5,
        "gen_ai.response.finish_reasons": "",
        "gen_ai.tool.definitions": "{}",
    }
    step = await step_of(spanning(framework, "odd", nonsense))
    assert (step.type, step.name) == ("llm", "odd")
    assert step.generation is not None
    assert "not captured" in (step.generation.error or "")

    odd = {KIND: "LLM", "llm.input_messages.0.message": "none", "llm.tools.0.tool": "none"}
    step = await step_of(spanning(framework, "odd", odd))
    assert (step.name, step.end is not None) == ("odd", True)
    assert "not captured" in step.input
    assert "not captured" in step.output
    assert "not everything could be captured" in caplog.text


async def test_an_apps_settings_say_whether_its_process_shows_spans(
    provider: TracerProvider, framework: trace.Tracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = TracerProvider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: other)
    work = spanning(other.get_tracer("a framework"), "tool", {KIND: "TOOL"})

    on = await reply_to(work, convo.App({"integrations": {"otel": True}}))
    again = await reply_to(work, convo.App({"integrations": {"otel": True}}))
    off = await reply_to(work, convo.App())

    assert [len(reply.steps) for reply in (on, again, off)] == [1, 1, 0]
    other.shutdown()


async def test_a_call_alone_shows_no_steps(provider: TracerProvider) -> None:
    other = TracerProvider()
    app = convo.App()
    instrument(app, tracer_provider=other)

    reply = await reply_to(spanning(other.get_tracer("a framework"), "tool", {KIND: "TOOL"}), app)

    assert reply.steps == []
    other.shutdown()
