"""Spans that speak by OpenTelemetry's conventions for GenAI, as they are and as they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convo import ChatGeneration, GenerationMessage
from convo.step import StepType

from convo_otel import attributes as names
from convo_otel.work import Facts, Happening, Work, listed, nested, parsed

__all__ = ["read"]

_TYPES: dict[str, StepType] = {
    "chat": "llm",
    "generate_content": "llm",
    "text_completion": "llm",
    "embeddings": "embedding",
    "execute_tool": "tool",
    "invoke_agent": "run",
    "invoke_workflow": "run",
    "retrieval": "retrieval",
}
_EVENTS = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
"""Messages as events of a span, as the conventions had them before they became attributes."""


def read(name: str, facts: Facts, happened: Sequence[Happening]) -> Work | None:
    """What a span of that name says; `None` if it does not speak of GenAI."""
    operation = facts.get(names.OPERATION) or _implied(facts)
    if not isinstance(operation, str):
        return None
    kind = _TYPES.get(operation, "undefined")
    if kind in ("llm", "embedding"):
        return _model(kind, name, facts, happened)
    if kind == "tool":
        return Work(
            "tool",
            str(facts.get(names.TOOL, name)),
            input=parsed(_first(facts, names.TOOL_ARGUMENTS, "tool_arguments")),
            output=parsed(_first(facts, names.TOOL_RESULT, "tool_response")),
        )
    if kind == "retrieval":
        found = parsed(facts.get("gen_ai.retrieval.documents"))
        documents = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return Work(
            "retrieval",
            str(facts.get("gen_ai.data_source.id", name)),
            input=facts.get(names.QUERY),
            output=listed(documents),
            documents=documents,
        )
    question, said = _told_agent(facts, happened)
    return Work(
        kind,
        str(_first(facts, names.AGENT, "agent_name") or name),
        input=None if question is None else question.get("content"),
        output=parsed(facts.get("final_result")) or (said.get("content") if said else None),
    )


def _implied(facts: Facts) -> str | None:
    """The operation of a span that says none, as those of tools and agents once did."""
    if names.TOOL in facts:
        return "execute_tool"
    return "invoke_agent" if names.AGENT in facts or "agent_name" in facts else None


def _told_agent(
    facts: Facts, happened: Sequence[Happening]
) -> tuple[GenerationMessage | None, GenerationMessage | None]:
    """What an agent was asked, and what it said."""
    asked, said = _messages(facts, happened)
    question = next((message for message in reversed(asked) if message.get("role") == "user"), None)
    whole = parsed(facts.get("pydantic_ai.all_messages"))
    if not asked and isinstance(whole, list):  # pydantic-ai's own name for them: what was said before comes first
        asked = _listed(whole[facts.get("pydantic_ai.new_message_index", 0) :])
        question = next((message for message in asked if message.get("role") == "user"), None)
        said = said or next((message for message in reversed(asked) if message.get("role") == "assistant"), None)
    return question, said


def _model(kind: StepType, name: str, facts: Facts, happened: Sequence[Happening]) -> Work:
    asked, said = _messages(facts, happened)
    reasons = facts.get(names.FINISH_REASONS)
    model = _first(facts, names.RESPONSE_MODEL, names.REQUEST_MODEL)
    first_chunk = _first(facts, names.FIRST_CHUNK, "gen_ai.client.operation.time_to_first_chunk")
    tools = parsed(facts.get(names.TOOL_DEFINITIONS))
    generation = ChatGeneration(
        id=facts.get(names.RESPONSE_ID),
        provider=_first(facts, names.PROVIDER, "gen_ai.system"),
        model=model,
        settings={
            key.removeprefix("gen_ai.request."): list(value) if isinstance(value, tuple) else value
            for key, value in facts.items()
            if key.startswith("gen_ai.request.") and key != names.REQUEST_MODEL
        },
        tools=tools if isinstance(tools, list) else None,
        messages=asked,
        message_completion=said,
        input_token_count=_first(facts, names.INPUT_TOKENS, "gen_ai.usage.prompt_tokens"),
        output_token_count=_first(facts, names.OUTPUT_TOKENS, "gen_ai.usage.completion_tokens"),
        cost=_first(facts, "gen_ai.usage.cost", "operation.cost"),
        tt_first_token=first_chunk * 1000 if isinstance(first_chunk, int | float) else None,
        metadata={"finish_reason": reasons[0]} if reasons else {},
    )
    sent, made = generation.input_token_count, generation.output_token_count
    if isinstance(sent, int) and isinstance(made, int):
        generation.token_count = sent + made
    output = None if said is None else said.get("content") or said.get("tool_calls")
    return Work(kind, str(facts.get(names.REQUEST_MODEL, name)), output=output, generation=generation)


def _messages(facts: Facts, happened: Sequence[Happening]) -> tuple[list[GenerationMessage], GenerationMessage | None]:
    """What a model was sent, and what it said: by attributes, by events, or flattened as they were once."""
    told = [facts, *(inner for name, inner in happened if name == "gen_ai.client.inference.operation.details")]
    asked: list[GenerationMessage] = []
    said: list[GenerationMessage] = []
    for source in told:
        system = parsed(source.get(names.SYSTEM))
        if isinstance(system, list) and system:
            asked += _whole({"role": "system", "parts": system})
        asked += _listed(source.get(names.INPUT_MESSAGES))
        said += _listed(source.get(names.OUTPUT_MESSAGES))
    if not asked and not said:
        asked, said = _by_events(happened)
    if not asked and not said:
        asked = _flat(nested(facts, "gen_ai.prompt"))
        said = _flat(nested(facts, "gen_ai.completion"))
    return asked, said[0] if said else None


def _first(facts: Facts, *keys: str) -> Any:
    for key in keys:
        value = facts.get(key)
        if value is not None:
            return value
    return None


def _listed(value: Any) -> list[GenerationMessage]:
    found = parsed(value)
    return [one for part in found if isinstance(part, dict) for one in _whole(part)] if isinstance(found, list) else []


def _whole(message: dict[str, Any]) -> list[GenerationMessage]:
    """A message of the conventions as providers write it. Each answer of a tool is one of its own there."""
    role = str(message.get("role", "assistant"))
    texts: list[str] = []
    others: list[Any] = []
    calls: list[dict[str, Any]] = []
    answers: list[GenerationMessage] = []
    parts = message.get("parts")
    for part in parts if isinstance(parts, list) else []:
        if not isinstance(part, dict):
            continue
        kind = part.get("type")
        if kind == "text":
            texts.append(str(part.get("content", "")))
        elif kind == "tool_call":
            function = {"name": part.get("name"), "arguments": part.get("arguments")}
            calls.append({"id": part.get("id"), "type": "function", "function": function})
        elif kind == "tool_call_response":
            result = part.get("response", part.get("result"))
            answers.append({"role": "tool", "tool_call_id": part.get("id"), "content": result})
        else:
            others.append(part)
    whole: GenerationMessage = {"role": role}
    if texts and not others:
        whole["content"] = "\n".join(texts)
    elif others:
        whole["content"] = [*({"type": "text", "text": text} for text in texts), *others]
    if calls:
        whole["tool_calls"] = calls
    return [whole, *answers] if len(whole) > 1 else answers


def _by_events(happened: Sequence[Happening]) -> tuple[list[GenerationMessage], list[GenerationMessage]]:
    asked: list[GenerationMessage] = []
    said: list[GenerationMessage] = []
    for name, facts in happened:
        if name in _EVENTS:
            message: GenerationMessage = {"role": str(facts.get("role", _EVENTS[name]))}
            message["content"] = parsed(facts.get("content"))
            if "tool_calls" in facts:
                message["tool_calls"] = parsed(facts["tool_calls"])
            asked.append(message)
        elif name == "gen_ai.choice":
            choice = parsed(facts.get("message", facts.get("content")))
            body = choice if isinstance(choice, dict) else {"content": choice}
            said.append({"role": "assistant", **body})  # type: ignore[typeddict-item]  # as its provider wrote it
        elif name == "gen_ai.content.prompt":
            asked += _flat(parsed(facts.get("gen_ai.prompt")))
        elif name == "gen_ai.content.completion":
            said += _flat(parsed(facts.get("gen_ai.completion")))
    return asked, said


def _flat(found: Any) -> list[GenerationMessage]:
    """Messages that are as providers write them already."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []  # type: ignore[misc]  # foreign
