"""A step, as a span says it: its name, its kind and its attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from convo.excerpt import excerpt
from convo.protocol import Generation, Json, Step, encode
from opentelemetry.trace import SpanKind

from convo_otel import attributes as names

__all__ = ["MODELS", "Content", "SpanFacts", "chat_message", "nanoseconds", "span_facts"]

MODELS = ("llm", "embedding")
"""Steps in which a model is called."""

_OPERATIONS = {
    "run": "invoke_workflow",
    "tool": "execute_tool",
    "llm": "chat",
    "embedding": "embeddings",
    "retrieval": "retrieval",
}
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "google_genai": "gcp.gemini",
    "google_vertexai": "gcp.vertex_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "xai": "x_ai",
}
"""What the conventions call a provider, where frameworks call it otherwise."""
_ERROR_TYPE = re.compile(r"(?:\A|\n\n)((?:\w+\.)*\w*(?:Error|Exception))\b")

Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """How texts are put into spans: redacted as the app says, `limit` bytes of each."""

    limit: int
    redact: Callable[[str], str] | None

    def text(self, value: str) -> str:
        return excerpt(value, limit=self.limit, redact=self.redact).text

    def messages(self, messages: Sequence[dict[str, Json]]) -> str:
        """Messages as JSON, as long as `redact` leaves it that: of too long ones, the beginning of each text."""
        whole: list[Json] = list(messages)
        if len(encode(whole)) > self.limit:
            whole = [_fitted(message, self.limit // (4 * len(whole))) for message in whole]
        return self.json(whole)

    def json(self, value: Json) -> str:
        return self.text(encode(value).decode())


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """A span, but for its times and its place."""

    name: str
    kind: SpanKind
    attributes: Attributes
    is_of_model: bool


def span_facts(step: Step, content: Content | None) -> SpanFacts:
    """What a step's span says; with `content`, also its texts."""
    generation = step.generation
    operation = _OPERATIONS.get(step.type)
    if generation is not None and generation.type == "completion" and step.type == "llm":
        operation = "text_completion"
    facts: Attributes = {names.STEP: step.id, names.STEP_TYPE: step.type}
    if operation is not None:
        facts[names.OPERATION] = operation
    subject = step.name
    is_of_model = step.type in MODELS
    if is_of_model or generation is not None:
        _tell_generation(facts, generation or Generation(), content)
        subject = facts.get(names.REQUEST_MODEL, step.name)
    if step.type == "tool":
        facts |= {names.TOOL: step.name, names.TOOL_TYPE: "function"}
    elif step.type == "run":
        facts[names.AGENT] = step.name
    if content is not None:
        _tell_texts(facts, step, content)
    if step.is_error:
        facts[names.ERROR_TYPE] = _error_type(step.output)
    elif (step.metadata or {}).get("cancelled") is True:
        facts[names.CANCELLED] = True
    name = step.name if operation is None else f"{operation} {subject}"
    return SpanFacts(name, SpanKind.CLIENT if is_of_model else SpanKind.INTERNAL, facts, is_of_model)


def _tell_generation(facts: Attributes, generation: Generation, content: Content | None) -> None:
    settings = generation.settings or {}
    provider = (generation.provider or "unknown").lower()
    facts[names.PROVIDER] = _PROVIDERS.get(provider, provider)
    requested = settings.get("model", generation.model)
    for name, value in (
        (names.REQUEST_MODEL, requested if isinstance(requested, str) else None),
        (names.RESPONSE_MODEL, generation.model),
        (names.RESPONSE_ID, generation.id),
        (names.INPUT_TOKENS, generation.input_token_count),
        (names.OUTPUT_TOKENS, generation.output_token_count),
        (names.COST, generation.cost),
    ):
        if value is not None:
            facts[name] = value
    if generation.tt_first_token is not None:
        facts[names.FIRST_CHUNK] = generation.tt_first_token / 1000
    for setting, (name, kind) in names.REQUEST.items():
        value = settings.get(setting)
        if isinstance(value, int | float) and not isinstance(value, bool):
            facts[name] = kind(value)
    stops = settings.get("stop_sequences", settings.get("stop"))
    if stops:
        facts[names.STOP_SEQUENCES] = [str(one) for one in (stops if isinstance(stops, list) else [stops])]
    reason = (generation.metadata or {}).get("finish_reason")
    if isinstance(reason, str):
        facts[names.FINISH_REASONS] = [reason]
    if content is None:
        return
    asked = generation.messages or ([{"role": "user", "content": generation.prompt}] if generation.prompt else [])
    said = generation.message_completion or (
        {"role": "assistant", "content": generation.completion} if generation.completion else None
    )
    if asked:
        facts[names.INPUT_MESSAGES] = content.messages([chat_message(one) for one in asked])
    if said:
        message = chat_message(said) | ({"finish_reason": reason} if isinstance(reason, str) else {})
        facts[names.OUTPUT_MESSAGES] = content.messages([message])
    if generation.tools:
        facts[names.TOOL_DEFINITIONS] = content.json(generation.tools)


def _tell_texts(facts: Attributes, step: Step, content: Content) -> None:
    given, made = {
        "tool": (names.TOOL_ARGUMENTS, names.TOOL_RESULT),
        "retrieval": (names.QUERY, names.OUTPUT),
    }.get(step.type, (names.INPUT, names.OUTPUT))
    if step.input and names.INPUT_MESSAGES not in facts:
        facts[given] = content.text(step.input)
    if step.output and not step.is_error and names.OUTPUT_MESSAGES not in facts:
        facts[made] = content.text(step.output)


def chat_message(message: dict[str, Json]) -> dict[str, Json]:
    """A message as its provider writes it, as the conventions do: a role, and parts."""
    role = str(message.get("role") or "user")
    said = message.get("content")
    if role == "tool":
        return {
            "role": role,
            "parts": [{"type": "tool_call_response", "id": message.get("tool_call_id"), "response": said}],
        }
    parts: list[Json] = []
    for part in said if isinstance(said, list) else [said] if said else []:
        if isinstance(part, dict):
            text = part.get("text")
            kind = str(part.get("type") or "text")
            # Of a picture or a sound it says that there is one: spans are no place for their bytes.
            parts.append({"type": "text", "content": text} if isinstance(text, str) else {"type": kind})
        else:
            parts.append({"type": "text", "content": str(part)})
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        if isinstance(call, dict):
            function = call.get("function")
            function = function if isinstance(function, dict) else call
            parts.append(
                {
                    "type": "tool_call",
                    "id": call.get("id"),
                    "name": function.get("name"),
                    "arguments": function.get("arguments"),
                }
            )
    return {"role": role, "parts": parts}


def _fitted(value: Json, room: int) -> Json:
    """With texts that are no longer than `room`, so that what is too long stays JSON."""
    if isinstance(value, str):
        return value if len(value) <= room else f"{value[:room]}…"
    if isinstance(value, dict):
        return {key: _fitted(inner, room) for key, inner in value.items()}
    return [_fitted(inner, room) for inner in value] if isinstance(value, list) else value


def _error_type(output: str) -> str:
    """The type that an error's text begins with. Nothing else of the text: it may be content."""
    found = _ERROR_TYPE.findall(output)
    return found[-1] if found else names.OTHER


def nanoseconds(moment: str) -> int:
    """A time of the log's as OpenTelemetry counts it."""
    return int(datetime.fromisoformat(moment).timestamp() * 1000) * 1_000_000
