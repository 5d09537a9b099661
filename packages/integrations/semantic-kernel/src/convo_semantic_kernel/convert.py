"""What Semantic Kernel has, as JSON and as ours. Pure; what is odd about it may raise, which callers catch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "figures_of",
    "message_of",
    "messages_of",
    "reason_of",
    "settings_of",
    "text_of",
    "tools_of",
    "value_of",
]

_ASKED = ("model", "ai_model_id", "messages", "prompt", "tools", "stream", "stream_options")


def settings_of(settings: Any) -> dict[str, Any]:
    """What else is asked for: all but the model, messages and tools."""
    return {key: value for key, value in settings.prepare_settings_dict().items() if key not in _ASKED}


def tools_of(settings: Any) -> list[dict[str, Any]] | None:
    tools = getattr(settings, "tools", None)
    return list(tools) if isinstance(tools, list) and tools else None


def messages_of(history: Any) -> list[dict[str, Any]]:
    return [message_of(message) for message in history.messages]


def text_of(content: Any) -> str:
    """The text of a message, or of a piece of one."""
    text = getattr(content, "content", None)
    return text if isinstance(text, str) else str(content)


def value_of(result: Any) -> Any:
    """What a function returned. Of a prompt's several answers the texts."""
    value = getattr(result, "value", result)
    if isinstance(value, list) and value and all(_is_content(one) for one in value):
        return text_of(value[0]) if len(value) == 1 else [text_of(one) for one in value]
    return text_of(value) if _is_content(value) else value


def message_of(content: Any) -> dict[str, Any]:
    """A message as a chat's API writes it; of what is no message, as a model's."""
    if not hasattr(content, "role"):
        return {"role": "assistant", "content": text_of(content)}
    message = dict(content.to_dict())
    if "tool_calls" in message and text_of(content):
        message["content"] = text_of(content)
    return message


def reason_of(content: Any) -> str | None:
    """Why a model went no further."""
    reason = getattr(content, "finish_reason", None)
    return None if reason is None else str(getattr(reason, "value", reason))


def figures_of(content: Any) -> dict[str, Any]:
    """What a message, or a piece of one, says of the model that wrote it: `id`, `model` and `usage`, if known."""
    metadata = content.metadata or {}
    model = getattr(content.inner_content, "model", None) or content.ai_model_id
    found = {"id": metadata.get("id"), "model": model, "usage": _usage(metadata.get("usage"))}
    return {key: value for key, value in found.items() if value is not None}


def _usage(usage: Any) -> dict[str, Any] | None:
    if usage is None:
        return None
    found = dict(usage) if isinstance(usage, Mapping) else usage.model_dump(mode="json", exclude_none=True)
    asked, said = found.get("prompt_tokens"), found.get("completion_tokens")
    if asked is not None and said is not None:
        found.setdefault("total_tokens", asked + said)
    return found


def _is_content(value: Any) -> bool:
    return hasattr(value, "inner_content") and hasattr(value, "ai_model_id")
