"""Spans: what LlamaIndex tells of one call of a method of a component, and what is shown of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from inspect import BoundArguments
from types import FrameType
from typing import Any, Literal

from convo import CompletionGeneration
from convo.generation import BaseGeneration
from convo.step import StepType
from llama_index.core.agent.workflow import AgentWorkflow
from llama_index.core.agent.workflow.base_agent import BaseWorkflowAgent
from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.base_selector import BaseSelector
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.embeddings.base_sparse import BaseSparseEmbedding
from llama_index.core.base.llms.base import BaseLLM
from llama_index.core.chat_engine.types import BaseChatEngine
from llama_index.core.indices.query.query_transform.base import BaseQueryTransform
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.instrumentation import DispatcherSpanMixin  # type: ignore[attr-defined]  # of another package
from llama_index.core.node_parser import NodeParser
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.question_gen.types import BaseQuestionGenerator
from llama_index.core.response_synthesizers import BaseSynthesizer
from llama_index.core.tools import BaseTool
from llama_index.core.workflow import Context, Event, Workflow

from convo_llama_index import model
from convo_llama_index.arguments import first_argument, keywords
from convo_llama_index.convert import event_value, found_value, value_of

__all__ = ["Kind", "Shown", "Span", "kind_of", "look_at"]

Kind = Literal[
    "engine",
    "workflow",
    "step",
    "model",
    "embedding",
    "retriever",
    "reranker",
    "tool",
    "synthesizer",
    "parser",
    "other",
]
"""What a component is."""

_KINDS: tuple[tuple[type | tuple[type, ...], Kind], ...] = (
    (BaseLLM, "model"),
    ((BaseQueryEngine, BaseChatEngine), "engine"),
    ((BaseEmbedding, BaseSparseEmbedding), "embedding"),
    (BaseRetriever, "retriever"),
    (BaseNodePostprocessor, "reranker"),
    (BaseTool, "tool"),
    (BaseSynthesizer, "synthesizer"),
    ((NodeParser, IngestionPipeline), "parser"),
    ((BaseSelector, BaseQuestionGenerator, BaseQueryTransform), "other"),
)
_TYPES: dict[Kind, StepType] = {
    "model": "llm",
    "embedding": "embedding",
    "retriever": "retrieval",
    "reranker": "rerank",
    "tool": "tool",
}
_STEPS_OF_AGENTS = frozenset(
    ("init_run", "setup_agent", "run_agent_step", "parse_agent_output", "call_tool", "aggregate_tool_results")
)
_METHODS: Mapping[Kind | None, tuple[str, ...]] = {
    "engine": ("query", "aquery", "chat", "achat", "stream_chat", "astream_chat"),  # not `reset`
    "parser": ("__call__", "acall", "get_nodes_from_documents", "aget_nodes_from_documents", "run", "arun"),
}
"""Of these kinds, what is worth a step: a synthesizer counts tokens by splitting texts."""

_UUID = 37  # characters, with the dash before it


class Span:
    """One that is open. `instance` is the component; `None` of functions and of a workflow's steps."""

    __slots__ = (
        "__weakref__",
        "above",
        "answer",
        "began_at",
        "generation",
        "hides",
        "home",
        "id",
        "ignored",
        "instance",
        "is_followed",
        "is_streaming",
        "kind",
        "method",
        "said",
        "streams",
    )

    def __init__(self, id: str, instance: Any, above: Span | None, ignored: frozenset[Kind] = frozenset()) -> None:
        self.id = id
        self.method = id[:-_UUID].rpartition(".")[2]
        self.instance = instance
        self.above = above
        self.home: Span | None = None  # of one without a node of its own, as most are: the one around it that has one
        self.hides: dict[str, Span] = {}  # the open ones whose home it is
        self.ignored = ignored
        self.kind: Kind | None = None  # `None` of what is not shown: a component's own business
        self.generation: BaseGeneration | None = None
        self.is_followed = False  # whether a model's answer is told piece by piece
        self.is_streaming = False  # whether the call has returned, and the answer is still coming
        self.answer: Any = None  # what a chat engine has returned, as long as its text is still coming
        self.streams: set[Span] = set()  # the spans below it whose text is still coming
        self.said: tuple[Any, BaseException | str | None] | None = None  # by the last of them, and what went wrong
        self.began_at = 0.0  # by the monotonic clock, once it is shown

    @property
    def around(self) -> Iterator[Span]:
        """The spans it is in, from the inside out."""
        above = self.above
        while above is not None:
            yield above
            above = above.above


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a span's step shows at first."""

    kind: Kind
    name: str
    type: StepType = "undefined"
    input: Any = None
    generation: BaseGeneration | None = None


def look_at(span: Span, kind: Kind, bound: BoundArguments) -> Shown:
    """What to show of a span that begins. What is odd about it may raise."""
    generation: BaseGeneration | None = None
    if kind == "model":
        asked = generation = model.asked(span.instance, span.method, bound)
        value = asked.prompt if isinstance(asked, CompletionGeneration) else asked.messages
    else:
        value = _input_of(span, kind, bound)
        if kind == "embedding":
            generation = CompletionGeneration(
                provider=span.instance.class_name(), model=model.model_name(span.instance)
            )
    step_type = _TYPES.get(kind, "undefined")
    if span.above is None and kind in ("engine", "workflow"):
        step_type = "run"
    return Shown(kind=kind, name=_name_of(span, kind, bound), type=step_type, input=value, generation=generation)


def kind_of(span: Span) -> Kind | None:
    """What a span that begins is of; `None` for what is a component's own business."""
    instance, above, method = span.instance, span.above, span.method
    found = _kind_of_class(type(instance))  # type: ignore[arg-type]  # any type can be hashed
    if found == "model":
        return "model" if method in model.METHODS and not _is_of_the_model(span) else None
    if method == "run" and isinstance(instance, Workflow):
        return "workflow"
    if above is not None and above.kind == "workflow" and (instance is None or instance is above.instance):
        return _kind_of_step(above.instance, method)
    if instance is not None and above is not None and above.instance is instance:
        return None  # one method of a component that calls another
    if method not in _METHODS.get(found, (method,)):
        return None
    if found is not None:
        return found
    if instance is None:
        return None if span.id.startswith("run_jobs") else "other"
    if isinstance(instance, DispatcherSpanMixin) or type(instance).__module__.startswith("llama_index."):
        return None
    return "other"  # the author's own, by `@dispatcher.span`


@lru_cache(512)
def _kind_of_class(component: type) -> Kind | None:
    """What components of a class are. Kept, as abstract classes take long to say that it is none of theirs."""
    return next((kind for classes, kind in _KINDS if issubclass(component, classes)), None)


def _kind_of_step(workflow: Any, method: str) -> Kind | None:
    if method.startswith("_"):
        return None
    if isinstance(workflow, AgentWorkflow | BaseWorkflowAgent) and method in _STEPS_OF_AGENTS:
        # How agents are built. Of several, it is worth knowing which one speaks.
        return "step" if isinstance(workflow, AgentWorkflow) and method == "run_agent_step" else None
    return "step"


def _is_of_the_model(span: Span) -> bool:
    """Whether a model's class asks itself: its `acomplete` calls its `complete`, and both are spans.

    One that streams does so when somebody reads the stream, long after its span: then the caller tells.
    """
    above = span.above
    if above is not None and above.instance is span.instance and above.method in model.METHODS:
        return True
    frame = _caller()
    return (
        frame is not None
        and frame.f_locals.get("self") is span.instance
        and not model.METHODS.isdisjoint(frame.f_code.co_qualname.split("."))
    )


def _caller() -> FrameType | None:
    """What called the method whose span begins."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_MACHINERY):
        frame = frame.f_back
    return frame


_MACHINERY = ("convo_llama_index", "convo.", "llama_index_instrumentation", "llama_index.core.instrumentation", "wrapt")


def _name_of(span: Span, kind: Kind, bound: BoundArguments) -> str:
    instance = span.instance
    if kind == "step":
        event = _event_in(bound)
        speaks = getattr(event, "current_agent_name", None) if span.method == "run_agent_step" else None
        return str(speaks or span.method)
    if kind == "tool":
        return str(instance.metadata.name or type(instance).__name__)
    if isinstance(instance, BaseWorkflowAgent):
        return str(instance.name)
    if kind == "other" and not isinstance(instance, DispatcherSpanMixin):
        return span.method
    return type(instance).__name__


def _input_of(span: Span, kind: Kind, bound: BoundArguments) -> Any:
    if kind in ("engine", "retriever"):
        return value_of(first_argument(bound, "str_or_query_bundle", "query_bundle", "message"))
    if kind == "synthesizer":
        return value_of(first_argument(bound, "query", "query_str"))
    if kind == "embedding":
        return value_of(first_argument(bound, "text", "texts", "query", "queries", "nodes"))
    if kind == "reranker":
        nodes = first_argument(bound, "nodes") or []
        return {"query": value_of(keywords(bound).get("query_bundle")), "nodes": found_value(nodes)}
    if kind == "tool":
        given = {name: value for name, value in keywords(bound).items() if not isinstance(value, Context)}
        return value_of(given or first_argument(bound))
    if kind == "workflow":
        start = keywords(bound).get("start_event")
        return event_value(start) if isinstance(start, Event) else value_of(keywords(bound))
    if kind == "step":
        event = _event_in(bound)
        return (
            None if span.method in _STEPS_OF_AGENTS else value_of(event)
        )  # what an agent is asked, its model's step has
    if kind == "parser":
        nodes = first_argument(bound, "nodes", "documents") or ()
        return {"nodes": len(nodes)}
    return value_of(keywords(bound) or first_argument(bound))


def _event_in(bound: BoundArguments) -> Event | None:
    return next((value for value in bound.arguments.values() if isinstance(value, Event)), None)
