"""Spans that speak OpenInference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convo import ChatGeneration, GenerationMessage
from convo.step import StepType

from convo_otel.work import Facts, Happening, Work, listed, nested, parsed

__all__ = ["read"]

_KIND = "openinference.span.kind"
_TYPES: dict[str, StepType] = {
    "LLM": "llm",
    "EMBEDDING": "embedding",
    "RETRIEVER": "retrieval",
    "RERANKER": "rerank",
    "TOOL": "tool",
    "AGENT": "run",
}


def read(name: str, facts: Facts, _: Sequence[Happening]) -> Work | None:
    """What a span of that name says; `None` if it does not speak OpenInference."""
    kind = facts.get(_KIND)
    if not isinstance(kind, str):
        return None
    work = Work(
        _TYPES.get(kind.upper(), "undefined"),
        name,
        input=parsed(facts.get("input.value")),
        output=parsed(facts.get("output.value")),
    )
    if work.type == "tool":
        work.name = str(facts.get("tool.name", name))
    elif work.type in ("llm", "embedding"):
        _tell_model(work, facts)
    elif work.type in ("retrieval", "rerank"):
        _tell_documents(work, facts)
    details = parsed(facts.get("metadata"))
    if isinstance(details, dict):
        work.metadata = dict(details)
    return work


def _tell_model(work: Work, facts: Facts) -> None:
    prefix = "embedding" if work.type == "embedding" else "llm"
    settings = parsed(facts.get(f"{prefix}.invocation_parameters"))
    asked = [_message(one) for one in _list(nested(facts, "llm.input_messages"))]
    said = [_message(one) for one in _list(nested(facts, "llm.output_messages"))]
    model = facts.get("llm.response.model_name") or facts.get(f"{prefix}.model_name")
    tools = [parsed(one.get("tool", {}).get("json_schema")) for one in _list(nested(facts, "llm.tools"))]
    reason = facts.get("llm.finish_reason")
    work.generation = ChatGeneration(
        provider=facts.get("llm.provider") or facts.get("llm.system"),
        model=model,
        settings=settings if isinstance(settings, dict) else {},
        tools=[tool for tool in tools if isinstance(tool, dict)] or None,
        messages=asked,
        message_completion=said[0] if said else None,
        input_token_count=facts.get("llm.token_count.prompt"),
        output_token_count=facts.get("llm.token_count.completion"),
        token_count=facts.get("llm.token_count.total"),
        cost=facts.get("llm.cost.total"),
        metadata={} if reason is None else {"finish_reason": reason},
    )
    if said:
        work.output = said[0].get("content") or said[0].get("tool_calls") or work.output
    if work.type == "embedding":
        embedded = [one.get("embedding", {}) for one in _list(nested(facts, "embedding.embeddings"))]
        work.input = work.input or [one.get("text") for one in embedded] or None
        sizes = [len(one["vector"]) for one in embedded if isinstance(one.get("vector"), list | tuple)]
        work.output = {"vectors": len(sizes), "dimensions": sizes[0]} if sizes else None


def _tell_documents(work: Work, facts: Facts) -> None:
    reranks = work.type == "rerank"
    if reranks:
        work.input = work.input or facts.get("reranker.query")
    found = _list(nested(facts, "reranker.output_documents" if reranks else "retrieval.documents"))
    work.documents = [one.get("document", {}) for one in found]
    work.output = listed(work.documents) or work.output


def _message(told: dict[str, Any]) -> GenerationMessage:
    inner = told.get("message", {})
    message: GenerationMessage = {"role": str(inner.get("role", "user"))}
    parts = [one.get("message_content", {}) for one in _list(inner.get("contents"))]
    if "content" in inner:
        message["content"] = inner["content"]
    elif parts and all(part.get("type") == "text" for part in parts):
        message["content"] = "\n".join(str(part.get("text", "")) for part in parts)
    elif parts:
        message["content"] = parts
    calls = [one.get("tool_call", {}) for one in _list(inner.get("tool_calls"))]
    if calls:
        message["tool_calls"] = [
            {"id": call.get("id"), "type": "function", "function": call.get("function", {})} for call in calls
        ]
    if "tool_call_id" in inner:
        message["tool_call_id"] = inner["tool_call_id"]
    return message


def _list(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
