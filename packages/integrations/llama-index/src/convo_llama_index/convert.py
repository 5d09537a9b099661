"""LlamaIndex's objects as ours. Pure; what is odd about them may raise, which callers catch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from convo import Element, GenerationMessage
from convo.sources import source_elements, source_names
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse
from llama_index.core.base.response.schema import PydanticResponse, Response
from llama_index.core.chat_engine.types import AgentChatResponse, StreamingAgentChatResponse
from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore, QueryBundle
from llama_index.core.tools import ToolOutput
from llama_index.core.workflow import Event, StopEvent

__all__ = [
    "event_value",
    "found_value",
    "message_text",
    "node_elements",
    "node_names",
    "to_generation_message",
    "tool_calls",
    "value_of",
    "vectors_value",
]

DEPTH = 12
_SCALARS = (str, int, float, bool)
_ANSWERS = (Response, AgentChatResponse, StreamingAgentChatResponse)


# --- Values ---


def value_of(value: Any, depth: int = DEPTH) -> Any:
    """What went into or came out of a component, with messages, nodes and answers as short as they can be."""
    if value is None or isinstance(value, _SCALARS):
        return value
    # What pydantic has no part in comes first: its classes take long to say that it is none of them.
    if isinstance(value, dict):
        return value if depth <= 0 else {key: value_of(inner, depth - 1) for key, inner in value.items()}
    if type(value) in (list, tuple, set):
        return value if depth <= 0 else [value_of(inner, depth - 1) for inner in value]
    if isinstance(value, _ANSWERS):
        return value.response
    if isinstance(value, ChatMessage):
        return to_generation_message(value)
    if isinstance(value, ChatResponse):
        return message_text(value.message) or tool_calls(value.message)
    if isinstance(value, CompletionResponse):
        return value.text
    if isinstance(value, PydanticResponse):
        return value_of(value.response, depth)
    if isinstance(value, QueryBundle):
        return value.query_str
    if isinstance(value, NodeWithScore):
        return _node_value(value.node) | {"score": value.score}
    if isinstance(value, BaseNode):
        return _node_value(value)
    if isinstance(value, ToolOutput):
        return value.content
    if isinstance(value, StopEvent) and type(value) is StopEvent:
        return value_of(value.result, depth)
    if isinstance(value, Event):
        return _agent_answer(value) or {type(value).__name__: event_value(value, depth)}
    return value


def event_value(event: Event, depth: int = DEPTH) -> dict[str, Any]:
    """What a workflow's event says, without its name."""
    declared = {name: getattr(event, name, None) for name in type(event).model_fields}
    said = declared | dict(event.items())
    return {name: value_of(value, depth - 1) for name, value in said.items() if value is not None}


def _agent_answer(event: Event) -> Any:
    """Of the events of agents that are answers, the answer."""
    response = getattr(event, "response", None)
    if not isinstance(response, ChatMessage):
        return None
    return message_text(response) or [
        {"name": call.tool_name, "arguments": call.tool_kwargs} for call in getattr(event, "tool_calls", None) or ()
    ]


def _node_value(node: BaseNode) -> dict[str, Any]:
    return {"text": node.get_content(MetadataMode.NONE), "metadata": node.metadata}


def vectors_value(vectors: Any) -> dict[str, int]:
    """How many vectors of what length came: nobody reads them."""
    if not isinstance(vectors, list) or (vectors and isinstance(vectors[0], int | float)):
        vectors = [vectors]
    if vectors and isinstance(vectors[0], BaseNode):
        return {"nodes": len(vectors)}
    return {"vectors": len(vectors), "dimensions": len(vectors[0]) if vectors else 0}


# --- Messages ---


def message_text(message: ChatMessage) -> str:
    """The text of a message, whatever else it holds."""
    return message.content or ""


def to_generation_message(message: ChatMessage) -> GenerationMessage:
    """A message as providers write it."""
    shown = GenerationMessage(role=str(message.role.value), content=_content(message))
    if calls := tool_calls(message):
        shown["tool_calls"] = calls
    for key in ("name", "tool_call_id"):
        if value := message.additional_kwargs.get(key):
            shown[key] = str(value)
    return shown


def _content(message: ChatMessage) -> Any:
    """Text, or parts where there is more than text: their kinds alone, because pictures are large."""
    kinds = [getattr(block, "block_type", "text") for block in message.blocks]
    if all(kind in ("text", "tool_call") for kind in kinds):
        return message_text(message)
    return [
        {"type": kind, "text": block.text} if hasattr(block, "text") else {"type": kind}
        for kind, block in zip(kinds, message.blocks, strict=True)
    ]


def tool_calls(message: ChatMessage) -> list[dict[str, Any]]:
    """The tools that a model calls, as its provider's class of LlamaIndex notes them."""
    noted = [block for block in message.blocks if getattr(block, "block_type", None) == "tool_call"]
    return [_tool_call(call) for call in noted or message.additional_kwargs.get("tool_calls") or ()]


def _tool_call(call: Any) -> dict[str, Any]:
    if isinstance(call, Mapping):
        return dict(call)
    if not hasattr(call, "tool_name"):  # the provider's own
        return {"id": getattr(call, "id", None), "type": "function", "function": getattr(call, "function", None)}
    id = getattr(call, "tool_call_id", None) or getattr(call, "tool_id", None)
    return {"id": id, "type": "function", "function": {"name": call.tool_name, "arguments": call.tool_kwargs}}


# --- Nodes ---


def node_names(nodes: Sequence[NodeWithScore]) -> list[str]:
    """A name for each, by its metadata."""
    return source_names(found.node.metadata for found in nodes)


def node_elements(nodes: Sequence[NodeWithScore]) -> list[Element]:
    """What a retriever found, each to be opened beside the chat: for a message's `elements`, say.

    `nodes` are those of a retriever, or an answer's `source_nodes`.
    """
    return source_elements([(found.node.get_content(MetadataMode.NONE), found.node.metadata) for found in nodes])


def found_value(nodes: Sequence[NodeWithScore]) -> list[dict[str, Any]]:
    """Nodes by their names and scores."""
    return [{"name": name, "score": found.score} for name, found in zip(node_names(nodes), nodes, strict=True)]
