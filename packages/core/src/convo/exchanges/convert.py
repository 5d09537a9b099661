"""What a client returns, as JSON and as ours. Pure; what is odd about it may raise, which callers catch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from convo.generation import BaseGeneration

__all__ = ["add_figures", "as_json", "content_text"]


def as_json(result: Any) -> dict[str, Any]:
    """An answer as the API wrote it; of text that is no JSON, `{"text": …}`."""
    if isinstance(result, Mapping):
        return dict(result)
    if hasattr(result, "model_dump"):
        dumped: dict[str, Any] = result.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
        return dumped
    if isinstance(result, bytes):
        result = result.decode()
    if isinstance(result, str):
        try:
            found = json.loads(result)
        except ValueError:
            return {"text": result}
        return found if isinstance(found, dict) else {"text": result}
    raise TypeError(f"an answer of the type `{type(result).__name__}`")


def add_figures(generation: BaseGeneration, answer: Mapping[str, Any], **metadata: Any) -> None:
    """The model that answered, its tokens, and what else is worth knowing."""
    generation.id = answer.get("id") or generation.id
    generation.model = answer.get("model") or generation.model
    usage = answer.get("usage")
    if isinstance(usage, Mapping):
        generation.input_token_count = _first(usage, "prompt_tokens", "input_tokens")
        generation.output_token_count = _first(usage, "completion_tokens", "output_tokens")
        generation.token_count = _first(usage, "total_tokens")
        metadata["usage"] = dict(usage)
    generation.metadata = {**(generation.metadata or {}), **{key: one for key, one in metadata.items() if one}}


def content_text(content: Any) -> str:
    """The text of a message's content, which may be a list of parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part if isinstance(part, str) else part.get("text") or part.get("refusal") for part in content)
    return "".join(text for text in texts if isinstance(text, str))


def _first(usage: Mapping[str, Any], *names: str) -> int | None:
    return next((int(usage[name]) for name in names if usage.get(name) is not None), None)
