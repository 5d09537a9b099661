"""Tracing: the CPU of a traced node and of a streamed token, beyond that of a handler which does nothing."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import convo
from convo.testing import ChatClient

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

NODES = 4  # of one call: chain, prompt, model and parser; engine, retriever, synthesizer and model
ROUNDS = 60


async def run(target: Target, size: Size) -> Sample:
    calls, tokens = size.of(20, 1), size.of(1_000, 20)
    found: dict[str, float] = {}
    for name, framework in {"langchain": _langchain, "llama_index": _llama_index}.items():
        call, stream = framework(calls, tokens)
        found[f"{name}_node"] = await _in_a_chat(call) / (calls * NODES) * 1e6
        found[f"{name}_token"] = await _in_a_chat(stream) / tokens * 1e6
    return Sample(found, {"steps": 2 * (calls * NODES + 1) * ROUNDS})


async def _in_a_chat(work: Callable[[bool], None]) -> float:
    """As `_beyond`, in a chat of its own, which holds no steps of the others."""
    found: list[float] = []
    app = convo.App({"limits": {"traced_bytes": 1 << 20}})

    @app.on_message
    async def measure(message: convo.Message) -> None:
        found.append(_beyond(work))

    async with ChatClient(app, timeout=300) as chat:
        reply = await chat.send("go")
    if reply.status != "done":
        raise RuntimeError(f"The callback ended as {reply.status}: {reply.error}")
    return found[0]


def _beyond(work: Callable[[bool], None]) -> float:
    """What `work` takes more when it is traced, in seconds.

    The least of many short rounds each: what others do on the machine only adds. What there was before is no garbage,
    and is not looked at for any.
    """
    least = [float("inf"), float("inf")]
    gc.collect()
    gc.freeze()
    try:
        for _ in range(ROUNDS):
            for is_traced in (False, True):
                gc.collect()
                start = time.process_time()
                work(is_traced)
                least[is_traced] = min(least[is_traced], time.process_time() - start)
    finally:
        gc.unfreeze()
    return least[True] - least[False]


def _langchain(calls: int, tokens: int) -> tuple[Callable[[bool], None], Callable[[bool], None]]:
    """Calls a chain, and streams an answer; both are told whether they are traced."""
    from convo_langchain import LangchainCallbackHandler
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.language_models import FakeListChatModel
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    class Nothing(BaseCallbackHandler):
        run_inline = True

    model = FakeListChatModel(responses=["a short answer"])
    chain = (ChatPromptTemplate.from_template("{text}") | model | StrOutputParser()).with_config(run_name="Chain")
    talker = FakeListChatModel(responses=["x" * tokens])

    def handler(is_traced: bool) -> BaseCallbackHandler:
        return LangchainCallbackHandler() if is_traced else Nothing()

    def call(is_traced: bool) -> None:
        callbacks = [handler(is_traced)]
        for _ in range(calls):
            chain.invoke({"text": "a question"}, {"callbacks": callbacks})

    def stream(is_traced: bool) -> None:
        for _ in talker.stream("a question", {"callbacks": [handler(is_traced)]}):
            pass

    return call, stream


def _llama_index(calls: int, tokens: int) -> tuple[Callable[[bool], None], Callable[[bool], None]]:
    """Asks an engine, and streams an answer. Its dispatcher is one for the process: what hears it is exchanged."""
    from convo_llama_index import instrument_llama_index
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # of another package
    from llama_index.core.instrumentation.event_handlers import BaseEventHandler
    from llama_index.core.instrumentation.events import BaseEvent
    from llama_index.core.instrumentation.span import BaseSpan
    from llama_index.core.instrumentation.span_handlers import BaseSpanHandler
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine
    from llama_index.core.response_synthesizers import get_response_synthesizer
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

    class NoSpans(BaseSpanHandler[BaseSpan]):
        def new_span(self, *_: Any, **__: Any) -> None: ...
        def prepare_to_exit_span(self, *_: Any, **__: Any) -> None: ...
        def prepare_to_drop_span(self, *_: Any, **__: Any) -> None: ...

    class NoEvents(BaseEventHandler):
        def handle(self, event: BaseEvent, **_: Any) -> None: ...

    class Shelf(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            return [NodeWithScore(node=TextNode(text="a fact", metadata={"file_name": "facts.txt"}), score=1.0)]

    instrument_llama_index()
    root = get_dispatcher()
    spans, events = root.span_handlers, root.event_handlers
    no_spans: list[BaseSpanHandler[Any]] = [NoSpans()]
    no_events: list[BaseEventHandler] = [NoEvents()]
    engine = RetrieverQueryEngine(Shelf(), get_response_synthesizer(llm=MockLLM(max_tokens=4)))
    talker = MockLLM(max_tokens=tokens)

    def hear(is_traced: bool) -> None:
        root.span_handlers = spans if is_traced else no_spans
        root.event_handlers = events if is_traced else no_events

    def call(is_traced: bool) -> None:
        hear(is_traced)
        for _ in range(calls):
            engine.query("a question")

    def stream(is_traced: bool) -> None:
        hear(is_traced)
        for _ in talker.stream_complete("x " * tokens):
            pass

    return call, stream


BENCHMARK = Benchmark(
    "tracing",
    (
        Figure("langchain_node", "CPU per traced node of LangChain", "µs", Goal(100)),
        Figure("langchain_token", "CPU per streamed token of its traced model", "µs", Goal(2)),
        Figure("llama_index_node", "CPU per traced node of LlamaIndex", "µs", Goal(100)),
        Figure("llama_index_token", "CPU per streamed token of its traced model", "µs", Goal(2)),
    ),
    run,
    repeats=3,
    only=frozenset({"convo"}),
)
