"""Models: what one is asked through LlamaIndex, and what it answers. As in `convert`, what is odd may raise."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from inspect import BoundArguments
from typing import Any

from convo import ChatGeneration, CompletionGeneration, GenerationMessage
from convo.masking import is_secret
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse

from convo_llama_index.arguments import first_argument, keywords
from convo_llama_index.convert import message_text, to_generation_message, tool_calls

__all__ = ["METHODS", "asked", "calls_a_tool", "completed", "model_name"]

METHODS = frozenset(
    f"{prefix}{way}{method}" for prefix in ("", "a") for way in ("", "stream_") for method in ("chat", "complete")
)
"""What asks a model, of the methods of its class."""

_SETTINGS = (
    *("temperature", "max_tokens", "num_output", "top_p", "top_k", "stop", "seed", "n", "frequency_penalty"),
    *("presence_penalty", "reasoning_effort", "context_window", "request_timeout", "timeout", "max_retries"),
    "additional_kwargs",
)
_INPUT = ("prompt_tokens", "input_tokens", "prompt_token_count", "prompt_eval_count")
_OUTPUT = ("completion_tokens", "output_tokens", "candidates_token_count", "eval_count")
_NO_SETTINGS = frozenset({"tools", "functions", "formatted", "messages", "prompt"})


def asked(llm: Any, method: str, bound: BoundArguments) -> ChatGeneration | CompletionGeneration:
    """What a model is asked, and with what settings."""
    given = keywords(bound)
    settings = _attributes(llm, _SETTINGS)
    more = settings.pop("additional_kwargs", None)
    settings |= more if isinstance(more, Mapping) else {}
    settings |= given
    tools = given.get("tools") or given.get("functions")
    facts: dict[str, Any] = {
        "provider": llm.class_name(),
        "model": model_name(llm) or model_name(llm.metadata),
        "settings": {
            name: value
            for name, value in settings.items()
            if value is not None and name not in _NO_SETTINGS and not is_secret(name)
        },
        "tools": [_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else None,
    }
    if method.endswith("complete"):
        return CompletionGeneration(prompt=str(first_argument(bound, "prompt")), **facts)
    messages = first_argument(bound, "messages") or ()
    return ChatGeneration(messages=[_message(message) for message in messages], **facts)


def model_name(component: Any) -> str | None:
    """What a component says its model is."""
    names = _attributes(component, ("model", "model_name")).values()
    return next((name for name in names if isinstance(name, str) and name not in ("", "unknown")), None)


def _attributes(component: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of a component's attributes that it has."""
    return {name: getattr(component, name, None) for name in _known(type(component), names)}  # type: ignore[arg-type]  # any type can be hashed


@lru_cache(512)
def _known(component: type, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `names` that a class knows, where one can tell: pydantic takes very long to say that there is none."""
    fields = getattr(component, "model_fields", None)
    known = names if fields is None else {*fields, *dir(component)}
    return tuple(name for name in names if name in known)


def _message(message: Any) -> GenerationMessage:
    return to_generation_message(message) if isinstance(message, ChatMessage) else message


def _tool(tool: Any) -> Any:
    return tool.metadata.to_openai_tool() if hasattr(tool, "metadata") else tool


def calls_a_tool(response: ChatResponse | CompletionResponse) -> bool:
    """Whether a piece of a stream that says nothing calls a tool."""
    return isinstance(response, ChatResponse) and bool(tool_calls(response.message))


def completed(
    generation: ChatGeneration | CompletionGeneration, response: ChatResponse | CompletionResponse | None
) -> Any:
    """Put into `generation` what the model said, and its figures. Returns what its step shows."""
    if response is None:
        return None
    raw = response.raw
    usage = _field(raw, "usage") or _field(raw, "usage_metadata") or response.additional_kwargs or raw
    if usage is not None:
        generation.input_token_count = _count(usage, _INPUT)
        generation.output_token_count = _count(usage, _OUTPUT)
        generation.token_count = _count(usage, ("total_tokens", "total_token_count"))
    model = _field(raw, "model")
    if isinstance(model, str) and model:
        generation.model = model
    message = response.message if isinstance(response, ChatResponse) else None
    text = response.text if message is None else message_text(message)  # type: ignore[union-attr]  # one of the two
    if isinstance(generation, CompletionGeneration):
        generation.completion = text
    else:
        message = message or ChatMessage(text, role="assistant")
        generation.message_completion = to_generation_message(message)
    return text or (message and tool_calls(message)) or ""


def _count(usage: Any, names: tuple[str, ...]) -> int | None:
    found = (_field(usage, name) for name in names)
    return next((int(count) for count in found if isinstance(count, int | float)), None)


def _field(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, Mapping) else getattr(raw, name, None)
