"""The trace goes on: out of what a request says, and into what a callback calls."""

from __future__ import annotations

import asyncio

import convo
from convo.dispatcher import dispatch
from convo.protocol import Connect, SendMessage
from convo.run import Trace
from convo.testing import ChatClient
from opentelemetry import propagate
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.harness.spans import draw_spans

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


async def test_the_innermost_step_is_the_current_span(
    app: convo.App, provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    client = provider.get_tracer("an HTTP client")

    def call(name: str) -> None:
        with client.start_as_current_span(name):
            pass

    @app.on_message
    async def answer(message: convo.Message) -> None:
        call("GET /run")
        async with convo.Step("outer"):
            call("GET /outer")
            async with convo.Step("inner", "tool"):
                await convo.make_async(call)("GET /inner, in a thread")
                await asyncio.create_task(asyncio.to_thread(call, "GET /inner, in a task"))
            call("GET /outer again")
        tracer = convo.Tracer("mine", locate=lambda: "node")
        tracer.open("node", "node")
        call("GET /node")
        tracer.close("node")

    async with ChatClient(app) as chat:
        reply = await chat.send("hello")

    assert reply.status == "done", reply.error
    assert draw_spans(spans.get_finished_spans()).splitlines() == [
        "invoke_agent Assistant",
        "  GET /run",
        "  node",
        "    GET /node",
        "  outer",
        "    GET /outer",
        "    GET /outer again",
        "    execute_tool inner",
        "      GET /inner, in a task",
        "      GET /inner, in a thread",
    ]


async def test_in_a_blocking_callback_the_trace_is_there_too(
    app: convo.App, provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    @app.on_message
    def answer(message: convo.Message) -> None:
        with convo.Step("tool", "tool"):
            headers: dict[str, str] = {}
            propagate.inject(headers)
            provider.get_tracer("mine").start_span("call").end()
            convo.run_sync(convo.Message(headers["traceparent"]).send())

    async with ChatClient(app) as chat:
        reply = await chat.send("hello")

    (tool,) = (span for span in spans.get_finished_spans() if span.name == "execute_tool tool")
    assert tool.context is not None
    assert reply.content.startswith(f"00-{tool.context.trace_id:032x}-{tool.context.span_id:016x}-")
    assert draw_spans(spans.get_finished_spans()).splitlines() == [
        "invoke_agent Assistant",
        "  execute_tool tool",
        "    call",
    ]


async def test_what_is_said_of_the_current_span_is_said_of_the_run(app: convo.App, spans: InMemorySpanExporter) -> None:
    from opentelemetry.trace import get_current_span

    @app.on_message
    async def answer(message: convo.Message) -> None:
        get_current_span().set_attribute("tenant", "acme")
        get_current_span().add_event("looked")

    async with ChatClient(app) as chat:
        await chat.send("hello")

    (run,) = spans.get_finished_spans()
    assert dict(run.attributes or {})["tenant"] == "acme"
    assert [event.name for event in run.events] == ["looked"]


async def test_a_servers_own_span_of_a_request_is_the_parent(
    app: convo.App, provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    """Where the server is instrumented. A message that has to wait goes on with what its request said."""
    go_on = asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await go_on.wait()

    async with ChatClient(app) as chat:
        connect = Connect(protocol=1, client="api", thread=chat.thread_id)
        with provider.get_tracer("a server").start_as_current_span("POST") as request:
            session, client = await chat.directory.open(chat.principal, connect, trace=Trace(PARENT))
            for number in range(2):
                command = SendMessage(id=f"c{number}", content="hello")
                assert dispatch(session, command, chat.principal, client).ok
        go_on.set()
        await chat.until(lambda: [run.status for run in chat.state.runs.values()] == ["done", "done"])

    first, second = (span for span in spans.get_finished_spans() if span.name.startswith("invoke_agent"))
    assert first.parent == request.get_span_context()
    assert second.parent is not None
    assert (f"{second.parent.trace_id:032x}", second.parent.is_remote) == (TRACE, True)


async def test_a_connections_trace_is_linked_and_not_the_parent(
    app: convo.App, provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    """A page's handshake begins a trace that all its messages would be in, for days."""

    @app.on_message
    async def answer(message: convo.Message) -> None: ...

    with provider.get_tracer("a server").start_as_current_span("websocket") as span:
        async with ChatClient(app) as chat:
            await chat.post("hello")
            await chat.until(lambda: all(run.status == "done" for run in chat.state.runs.values()))

    (run,) = (one for one in spans.get_finished_spans() if one.name.startswith("invoke_agent"))
    assert run.parent is None
    assert [link.context for link in run.links] == [span.get_span_context()]
