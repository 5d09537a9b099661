"""The callback handler, for code that gives LlamaIndex a callback manager."""

from __future__ import annotations

from typing import Any

from convo.step import StepType
from llama_index.core.callbacks import CBEventType, EventPayload
from llama_index.core.callbacks.base_handler import BaseCallbackHandler

from convo_llama_index.convert import value_of
from convo_llama_index.span import Kind
from convo_llama_index.tracing import Switch, tracing

__all__ = ["LlamaIndexCallbackHandler"]

_KINDS: dict[CBEventType, Kind] = {
    CBEventType.QUERY: "engine",
    CBEventType.RETRIEVE: "retriever",
    CBEventType.SYNTHESIZE: "synthesizer",
    CBEventType.LLM: "model",
    CBEventType.EMBEDDING: "embedding",
    CBEventType.RERANKING: "reranker",
    CBEventType.FUNCTION_CALL: "tool",
    CBEventType.AGENT_STEP: "step",
    CBEventType.NODE_PARSING: "parser",
}
_TYPES: dict[CBEventType, StepType] = {
    CBEventType.RETRIEVE: "retrieval",
    CBEventType.LLM: "llm",
    CBEventType.EMBEDDING: "embedding",
    CBEventType.RERANKING: "rerank",
    CBEventType.FUNCTION_CALL: "tool",
}
_OF_AUTHORS = (CBEventType.FUNCTION_CALL, CBEventType.AGENT_STEP)
"""Events that LlamaIndex leaves to authors: of all others, a span tells, and more."""

_ASKED = (EventPayload.QUERY_STR, EventPayload.MESSAGES, EventPayload.PROMPT, EventPayload.FUNCTION_CALL)
_ANSWERED = (EventPayload.RESPONSE, EventPayload.COMPLETION, EventPayload.FUNCTION_OUTPUT, EventPayload.NODES)


class LlamaIndexCallbackHandler(Switch, BaseCallbackHandler):
    """Shows what components do whose callback manager has it: `CallbackManager([LlamaIndexCallbackHandler()])`.

    In `Settings.callback_manager`, what all do. It may be kept, and used in all chats at once. What is in
    `event_starts_to_ignore` is not shown. Events of your own, by `callback_manager.event(…)`, are shown too.
    """

    def __init__(
        self,
        event_starts_to_ignore: list[CBEventType] | None = None,
        event_ends_to_ignore: list[CBEventType] | None = None,
    ) -> None:
        super().__init__(event_starts_to_ignore or [], event_ends_to_ignore or [])
        self.ignored = frozenset(_KINDS[one] for one in self.event_starts_to_ignore if one in _KINDS)
        self._tracing = tracing()

    def on_event_start(
        self,
        event_type: CBEventType,
        payload: dict[str, Any] | None = None,
        event_id: str = "",
        parent_id: str = "",
        **_: Any,
    ) -> str:
        tracer = self._tracing.tracer
        span_id = self._tracing.here()
        is_in_span = span_id is not None and tracer.is_open(span_id)
        if event_type is CBEventType.EXCEPTION or (is_in_span and event_type not in _OF_AUTHORS):
            return event_id
        tracer.open(
            event_id,
            _title(event_type, payload),
            parent=parent_id if tracer.is_open(parent_id) else span_id,
            type=_TYPES.get(event_type, "undefined"),
            input=tracer.capture(_first, payload, _ASKED),
        )
        return event_id

    def on_event_end(
        self, event_type: CBEventType, payload: dict[str, Any] | None = None, event_id: str = "", **_: Any
    ) -> None:
        tracer = self._tracing.tracer
        error = (payload or {}).get(EventPayload.EXCEPTION)
        if error is not None:
            tracer.fail(event_id, error)
        elif tracer.is_open(event_id):
            tracer.close(event_id, tracer.capture(_first, payload, _ANSWERED))

    def start_trace(self, trace_id: str | None = None) -> None:
        """Nothing: a trace has no step of its own."""

    def end_trace(self, trace_id: str | None = None, trace_map: dict[str, list[str]] | None = None) -> None:
        """Nothing."""


def _title(event_type: CBEventType, payload: dict[str, Any] | None) -> str:
    tool = (payload or {}).get(EventPayload.TOOL)
    return str(getattr(tool, "name", None) or event_type.value.replace("_", " ").capitalize())


def _first(payload: dict[str, Any] | None, names: tuple[EventPayload, ...]) -> Any:
    return next((value_of(payload[name]) for name in names if payload and payload.get(name) is not None), None)
