"""LangChain's objects as ours. Pure; what is odd about them may raise, which callers catch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from convo import ChatGeneration, CompletionGeneration, GenerationMessage
from convo.masking import is_secret
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langchain_core.outputs import LLMResult
from langchain_core.prompt_values import PromptValue

__all__ = [
    "answer_of",
    "asked",
    "completed",
    "delta_of",
    "is_cancelled",
    "message_text",
    "name_of",
    "pause_of",
    "sources_of",
    "to_generation_message",
    "value_of",
]

DEPTH = 12
_ROLES = {"human": "user", "ai": "assistant", "AIMessageChunk": "assistant", "HumanMessageChunk": "user"}
_MODEL_KEYS = ("model_name", "model", "model_id", "azure_deployment", "deployment_name")
_NO_SETTINGS = frozenset(
    {"_type", "model", "model_name", "model_id", "azure_deployment", "deployment_name", "model_kwargs", "tools"}
    | {"functions"}
)


def name_of(serialized: Mapping[str, Any] | None, name: Any, default: str) -> str:
    """What a run is called: by whoever started it, or by its class."""
    if name:
        return str(name)
    if serialized:
        path = serialized.get("id")
        return str(serialized.get("name") or (path[-1] if path else default))
    return default


# --- Values ---


def value_of(value: Any, depth: int = DEPTH) -> Any:
    """What went into or came out of a run, with messages and documents as short as they can be."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    # What holds others comes first: pydantic's classes take long to say that it is none of them.
    if isinstance(value, dict):
        return value if depth <= 0 else {key: value_of(inner, depth - 1) for key, inner in value.items()}
    if type(value) in (list, tuple, set):
        return value if depth <= 0 else [value_of(inner, depth - 1) for inner in value]
    if isinstance(value, BaseMessage):
        return to_generation_message(value)
    if isinstance(value, Document):
        return {"page_content": value.page_content, "metadata": value.metadata}
    if isinstance(value, PromptValue):
        return [to_generation_message(message) for message in value.to_messages()]
    return value


def message_text(content: Any) -> str:
    """The text of a message's content, which may be a list of blocks."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return "" if content is None else str(content)
    texts = (block if isinstance(block, str) else block.get("text") for block in content)
    return "".join(text for text in texts if isinstance(text, str))


def to_generation_message(message: BaseMessage) -> GenerationMessage:
    """A message as providers write it."""
    given = vars(message)  # pydantic takes long to say that it has no such attribute
    shown = GenerationMessage(role=_ROLES.get(message.type, message.type), content=message.content)
    if message.type == "chat":
        shown["role"] = str(given.get("role", "chat"))
    if message.name:
        shown["name"] = message.name
    if calls := given.get("tool_calls"):
        shown["tool_calls"] = [
            {
                "id": call.get("id"),
                "type": "function",
                "function": {"name": call.get("name"), "arguments": call.get("args")},
            }
            for call in calls
        ]
    if call := message.additional_kwargs.get("function_call"):
        shown["function_call"] = call
    if answers := given.get("tool_call_id"):
        shown["tool_call_id"] = answers
    if uuid := message.additional_kwargs.get("uuid"):
        shown["uuid"], shown["templated"] = str(uuid), True
    return shown


# --- Models ---


def asked(
    said: Sequence[BaseMessage] | str,
    *,
    serialized: Mapping[str, Any] | None,
    params: Mapping[str, Any] | None,
    metadata: Mapping[str, Any] | None,
) -> ChatGeneration | CompletionGeneration:
    """What a model is asked, and with what settings."""
    params, metadata = params or {}, metadata or {}
    given = {**((serialized or {}).get("kwargs") or {}), **params, **(params.get("model_kwargs") or {})}
    model = next((given[key] for key in _MODEL_KEYS if given.get(key)), None) or metadata.get("ls_model_name")
    tools = given.get("tools") or given.get("functions")
    facts: dict[str, Any] = {
        "provider": metadata.get("ls_provider") or given.get("_type"),
        "model": None if model is None else str(model).removeprefix("models/"),
        "settings": {
            key: value for key, value in given.items() if key not in _NO_SETTINGS and not _is_secret(key, value)
        },
        "tools": [_tool(one) for one in tools] if isinstance(tools, list) else None,
    }
    if isinstance(said, str):
        return CompletionGeneration(prompt=said, **facts)
    prompt_id = next((one.additional_kwargs.get("prompt_id") for one in said[:1]), None)
    return ChatGeneration(messages=[to_generation_message(one) for one in said], prompt_id=prompt_id, **facts)


def _is_secret(key: str, value: Any) -> bool:
    """Keys of providers: by their name, or because LangChain says so."""
    return is_secret(key) or (isinstance(value, dict) and value.get("type") == "secret")


def _tool(tool: Any) -> Any:
    return tool if isinstance(tool, dict) and "type" in tool else {"type": "function", "function": tool}


def completed(generation: ChatGeneration | CompletionGeneration, result: LLMResult) -> None:
    """Put into `generation` what the model said, and its figures."""
    first = result.generations[0][0]
    message = getattr(first, "message", None)
    told = result.llm_output or {}
    about = getattr(message, "response_metadata", None) or {}
    usage = getattr(message, "usage_metadata", None) or told.get("token_usage") or told.get("usage") or {}
    usage = usage or about.get("token_usage") or about.get("usage") or {}
    generation.input_token_count = _first(usage, "input_tokens", "prompt_tokens", "input_token_count")
    generation.output_token_count = _first(usage, "output_tokens", "completion_tokens", "output_token_count")
    generation.token_count = _first(usage, "total_tokens", "total_token_count")
    if usage.get("input_token_details") or usage.get("prompt_tokens_details") or usage.get("cost") is not None:
        generation.metadata = {**(generation.metadata or {}), "usage": dict(usage)}  # what prices depend on
    model = about.get("model_name") or about.get("model") or told.get("model_name") or told.get("model")
    if isinstance(model, str):
        generation.model = model
    if isinstance(generation, ChatGeneration):
        generation.message_completion = (
            GenerationMessage(role="assistant", content=first.text)
            if message is None
            else to_generation_message(message)
        )
    else:
        generation.completion = first.text


def _first(usage: Mapping[str, Any], *names: str) -> int | None:
    return next((int(usage[name]) for name in names if usage.get(name) is not None), None)


def answer_of(result: LLMResult) -> Any:
    """What a model said, as text; of one that only calls tools, the calls."""
    first = result.generations[0][0]
    message = getattr(first, "message", None)
    if message is None:
        return first.text
    return message_text(message.content) or to_generation_message(message).get("tool_calls") or ""


def delta_of(event: Mapping[str, Any]) -> str:
    """The text of an event of the content-block protocol (streaming v3)."""
    if event.get("event") != "content-block-delta":
        return ""
    delta = event.get("delta") or {}
    return str(delta.get("text") or "") if str(delta.get("type", "")).startswith("text") else ""


# --- Documents ---


def sources_of(documents: Sequence[Document]) -> list[tuple[str, Mapping[str, Any]]]:
    """What a retriever found, as `convo.sources` takes it."""
    return [(document.page_content, document.metadata) for document in documents]


# --- Ends that are no errors ---


def is_cancelled(error: BaseException) -> bool:
    """Somebody stopped it, or did not want the rest of it."""
    return not isinstance(error, Exception)  # CancelledError, GeneratorExit, KeyboardInterrupt


def pause_of(error: BaseException) -> list[Any] | None:
    """The values of LangGraph's interrupts, by which a graph waits; `None` for an error. Other signals are empty."""
    if not any(kind.__name__ == "GraphBubbleUp" for kind in type(error).__mro__):
        return None
    inner = error.args[0] if error.args else ()
    return [one.value for one in inner if hasattr(one, "value")] if isinstance(inner, list | tuple) else []
