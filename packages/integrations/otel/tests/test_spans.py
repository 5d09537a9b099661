"""Each run is a tree of spans, by the conventions for GenAI."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import convo
import pytest
from convo.datalayer import Changes
from convo.testing import ChatClient
from convo_otel import install, instrument
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.harness.spans import draw_spans

Work = Callable[[], Awaitable[Any]]
ROUNDS = 200


def answering(app: convo.App, work: Work) -> convo.App:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        await work()

    return app


async def send(app: convo.App, text: str = "hello") -> None:
    """Chat, and end: by then all spans are there."""
    async with ChatClient(app) as chat:
        await chat.send(text)


def facts_of(spans: InMemorySpanExporter, name: str) -> dict[str, Any]:
    (span,) = (span for span in spans.get_finished_spans() if span.name == name)
    return dict(span.attributes or {})


def ask_model(**facts: Any) -> convo.ChatGeneration:
    return convo.ChatGeneration(
        provider="openai",
        model="gpt-5-0824",
        settings={"model": "gpt-5", "temperature": 0.5, "max_tokens": 100, "stream": True, "stop": "."},
        messages=[{"role": "system", "content": "Be short."}, {"role": "user", "content": "hello"}],
        message_completion={"role": "assistant", "content": "HELLO"},
        input_token_count=3,
        output_token_count=4,
        tt_first_token=250,
        metadata={"finish_reason": "stop"},
        **facts,
    )


async def work_hard() -> None:
    async with convo.Step("Planner", "run"):
        async with convo.Step("Model", "llm") as model:
            model.generation = ask_model()
        async with convo.Step("weather", "tool") as tool:
            tool.input = {"city": "Paris"}
            async with convo.Step("Look up"):
                pass
            tool.output = "sunny"
        async with convo.Step("docs", "retrieval") as search:
            search.input = "weather"
        async with convo.Step("Words", "embedding") as embedding:
            embedding.generation = convo.ChatGeneration(provider="mistralai", model="embed-1", input_token_count=7)
    answer = convo.Message("")
    for piece in "HELLO":
        await answer.stream_token(piece)
    await answer.send()


async def test_a_run_is_a_tree_of_spans(app: convo.App, spans: InMemorySpanExporter) -> None:
    await send(answering(app, work_hard))

    tree = draw_spans(spans.get_finished_spans(), "convo.run.status", "gen_ai.usage.output_tokens")
    assert tree.splitlines() == [
        "invoke_agent Assistant status=done",
        "  invoke_workflow Planner",
        "    chat gpt-5 output_tokens=4",
        "    embeddings embed-1",
        "    execute_tool weather",
        "      Look up",
        "    retrieval docs",
    ]


async def test_a_models_span_says_what_it_was_asked_and_used(app: convo.App, spans: InMemorySpanExporter) -> None:
    await send(answering(app, work_hard))

    facts = facts_of(spans, "chat gpt-5")
    del facts["convo.step.id"]
    assert facts == {
        "convo.step.type": "llm",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 100,
        "gen_ai.request.stop_sequences": (".",),
        "gen_ai.response.model": "gpt-5-0824",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 4,
    }
    (span,) = (span for span in spans.get_finished_spans() if span.name == "chat gpt-5")
    assert span.kind is trace.SpanKind.CLIENT
    assert facts_of(spans, "embeddings embed-1")["gen_ai.provider.name"] == "mistral_ai"
    tool = facts_of(spans, "execute_tool weather")
    assert (tool["gen_ai.tool.name"], tool["gen_ai.tool.type"]) == ("weather", "function")


async def test_the_run_names_its_conversation(app: convo.App, spans: InMemorySpanExporter) -> None:
    @app.on_chat_start
    async def start() -> None: ...

    @app.on_message
    async def answer(message: convo.Message) -> None: ...

    async with ChatClient(app) as chat:
        await chat.send("hello")
        thread_id = chat.state.thread.id

    for name, operation in (("on_chat_start", None), ("invoke_agent Assistant", "invoke_agent")):
        facts = facts_of(spans, name)
        assert facts["gen_ai.conversation.id"] == thread_id
        assert facts["convo.client.type"] == "test"
        assert facts.get("gen_ai.operation.name") == operation


async def test_texts_stay_in_the_process(app: convo.App, spans: InMemorySpanExporter) -> None:
    async def work() -> None:
        await work_hard()
        raise LookupError("hello is secret")

    await send(answering(app, work))

    told = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "hello" not in told.lower()
    assert "Paris" not in told
    assert "secret" not in told


async def test_texts_are_sent_when_somebody_wants_them_and_redacted(
    provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    app = convo.App()
    instrument(app, tracer_provider=provider, content=True)
    app.redact(lambda text: text.replace("Paris", "***"))

    async def work() -> None:
        await work_hard()
        with pytest.raises(LookupError):
            async with convo.Step("broken", "tool"):
                raise LookupError("no Paris")

    await send(answering(app, work), "Is it sunny in Paris?")

    run = facts_of(spans, "invoke_agent Assistant")
    assert json.loads(run["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "Is it sunny in ***?"}]}
    ]
    assert json.loads(run["gen_ai.output.messages"])[0]["parts"] == [{"type": "text", "content": "HELLO"}]
    model = facts_of(spans, "chat gpt-5")
    assert [message["role"] for message in json.loads(model["gen_ai.input.messages"])] == ["system", "user"]
    assert json.loads(model["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "HELLO"}], "finish_reason": "stop"}
    ]
    tool = facts_of(spans, "execute_tool weather")
    assert json.loads(tool["gen_ai.tool.call.arguments"]) == {"city": "***"}
    assert tool["gen_ai.tool.call.result"] == "sunny"
    (broken,) = (span for span in spans.get_finished_spans() if span.name == "execute_tool broken")
    assert broken.status.description == "no ***"
    assert "Paris" not in "".join(span.to_json() for span in spans.get_finished_spans())


async def test_a_text_is_cut_and_stays_json(provider: TracerProvider, spans: InMemorySpanExporter) -> None:
    app = convo.App()
    instrument(app, tracer_provider=provider, content=True)
    limit = app.config.limits.traced_bytes

    async def work() -> None:
        async with convo.Step("Model", "llm") as model:
            model.generation = convo.ChatGeneration(model="m", messages=[{"role": "user", "content": "x" * 2 * limit}])

    await send(answering(app, work))

    sent = facts_of(spans, "chat m")["gen_ai.input.messages"]
    assert len(sent) < limit + 200
    assert json.loads(sent)[0]["role"] == "user"


async def test_an_error_has_a_type_and_the_id_that_the_log_has(
    app: convo.App, spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with convo.Step("Model", "llm") as model:
            model.generation = ask_model()
            raise ConnectionError("gone")

    await send(answering(app, work))

    assert draw_spans(spans.get_finished_spans(), "convo.run.status").splitlines() == [
        "invoke_agent Assistant status=failed ✗ ConnectionError",
        "  chat gpt-5 ✗ _OTHER",
    ]
    error_id = facts_of(spans, "invoke_agent Assistant")["convo.error.id"]
    assert any(getattr(record, "error_id", None) == error_id for record in caplog.records)


async def test_what_a_framework_says_of_an_error_names_its_type(app: convo.App, spans: InMemorySpanExporter) -> None:
    async def work() -> None:
        tracer = convo.Tracer("mine")
        tracer.open("one", "Model", type="llm")
        tracer.fail("one", LookupError("no such model"))
        tracer.open("two", "Other", type="tool")
        tracer.cancel("two")

    await send(answering(app, work))

    assert draw_spans(spans.get_finished_spans(), "convo.step.cancelled").splitlines() == [
        "invoke_agent Assistant",
        "  chat Model ✗ LookupError",
        "  execute_tool Other cancelled=True",
    ]


async def test_a_stopped_run_is_no_error(app: convo.App, spans: InMemorySpanExporter) -> None:
    reached = asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step("slow", "tool"):
            reached.set()
            await asyncio.Event().wait()

    async with ChatClient(app) as chat:
        run_id = await chat.post("hello")
        await reached.wait()
        await chat.stop()
        await chat.reply(run_id)

    assert draw_spans(spans.get_finished_spans(), "convo.run.status").splitlines() == [
        "invoke_agent Assistant status=stopped",
        "  execute_tool slow",
    ]


async def test_a_run_whose_process_died_is_told_by_the_next(app: convo.App, spans: InMemorySpanExporter) -> None:
    layer, lost, reached = convo.MemoryDataLayer(), convo.App(), asyncio.Event()

    @lost.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step("done", "tool"):
            pass
        async with convo.Step("slow", "tool"):
            reached.set()
            await asyncio.Event().wait()

    async with ChatClient(lost, data_layer=layer) as chat:
        await chat.post("hello")
        await reached.wait()
        await chat.until(lambda: chat.state.saved.seq >= 8)
        stored = await layer.get_thread(chat.thread_id)
    assert stored is not None

    # The process dies: what is stored is all there is.
    left = convo.MemoryDataLayer()
    epoch = await left.claim_thread(chat.thread_id, "the process that died")
    await left.apply(Changes(chat.thread_id, stored.owner_id, epoch, 1, stored.state, []))
    async with ChatClient(app, data_layer=left, principal=chat.principal, thread=chat.thread_id):
        pass

    assert draw_spans(spans.get_finished_spans(), "convo.run.status").splitlines() == [
        "invoke_agent Assistant status=interrupted ✗ interrupted",
        "  execute_tool slow",
    ]


async def test_runs_side_by_side_keep_their_trees(app: convo.App, spans: InMemorySpanExporter) -> None:
    async def one(number: int) -> None:
        async with convo.Step(f"outer {number}"), convo.Step(f"inner {number}"):
            await asyncio.sleep(0)

    async def work() -> None:
        await asyncio.gather(*(one(number) for number in range(50)))

    async with ChatClient(answering(app, work)) as first:
        chats = [first, *[await first.new_chat() for _ in range(4)]]
        await asyncio.gather(*(chat.send("hello") for chat in chats))

    trees = draw_spans(spans.get_finished_spans())
    assert trees.count("invoke_agent Assistant") == 5
    for number in range(50):
        assert f"{trees}\n".count(f"\n  outer {number}\n    inner {number}\n") == 5


async def test_a_stream_that_outruns_the_reader_leaves_nothing_open(
    app: convo.App, spans: InMemorySpanExporter
) -> None:
    @app.on_message
    def answer(message: convo.Message) -> None:
        session = convo.context.session
        answer = convo.Message("")
        with convo.Step("tool", "tool"):
            for _ in range(30_000):
                answer._append_delta("x", "output")
        assert session.log.seq > 30_000

    await send(app)

    assert draw_spans(spans.get_finished_spans(), "convo.run.status").splitlines() == [
        "invoke_agent Assistant status=done",
        "  execute_tool tool",
    ]


async def test_without_a_provider_nothing_happens() -> None:
    app = convo.App({"integrations": {"otel": True}})
    inside: list[trace.SpanContext] = []

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step("tool", "tool"):
            inside.append(trace.get_current_span().get_span_context())
        await convo.Message("HELLO").send()

    async with ChatClient(app) as chat:
        reply = await chat.send("hello")

    assert reply.content == "HELLO"
    assert not inside[0].is_valid
    assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider"


async def test_a_setting_and_a_call_are_one(provider: TracerProvider, spans: InMemorySpanExporter) -> None:
    app = convo.App({"integrations": {"otel": True}})
    instrument(app)
    instrument(app, tracer_provider=provider)

    await send(answering(app, work_hard))

    assert [span.name for span in spans.get_finished_spans()].count("invoke_agent Assistant") == 1


async def test_settings_turn_content_on() -> None:
    app = convo.App({"integrations": {"otel": {"content": True, "steps": False}}})
    app.configure()

    install(app)

    assert [getattr(observer, "content", None) for observer in app.callbacks.observers] == [True]


async def test_telemetry_that_breaks_breaks_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(trace.NoOpTracer):
        def start_span(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("no spans today")

    class BrokenProvider(trace.NoOpTracerProvider):
        def get_tracer(self, *_: Any, **__: Any) -> trace.Tracer:
            return Broken()

    app = convo.App()
    instrument(app, tracer_provider=BrokenProvider())

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step("tool", "tool"):
            await convo.Message("HELLO").send()

    async with ChatClient(app) as chat:
        assert (await chat.send("hello")).content == "HELLO"

    assert "no spans today" in caplog.text


async def test_nothing_is_kept_of_runs_that_are_over(app: convo.App, spans: InMemorySpanExporter) -> None:
    app.configure(".", {"limits": {"commands_per_second": 1e6}})
    answering(app, work_hard)
    async with ChatClient(app) as chat:
        for _ in range(ROUNDS):
            await chat.send("hello")
        async with asyncio.timeout(10):
            while [span.name for span in spans.get_finished_spans()].count("invoke_agent Assistant") < ROUNDS:
                await asyncio.sleep(0.01)
        gc.collect()
        kept = Counter(type(one).__name__ for one in gc.get_objects())

    assert kept["RunTree"] <= 2  # of runs whose tasks are being cleared away
    assert kept["_Span"] <= 2
