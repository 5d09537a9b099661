"""What the doors take and give, as the app's OpenAPI description shows it: as much of each protocol as is heeded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

from convo.routes import Shape

from convo_protocols.ag_ui import RunInput
from convo_protocols.ai_sdk import ChatRequest
from convo_protocols.chat_completions import CompletionRequest
from convo_protocols.responses import ResponseRequest

__all__ = ["SHAPES"]

_KEY: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 100}
_EVENTS: Mapping[str, Any] = {"description": "Server-sent events, as the protocol has them."}
_STREAM = {"text/event-stream": _EVENTS}


class Model(TypedDict):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(TypedDict):
    object: Literal["list"]
    data: list[Model]


class CompletionMessage(TypedDict):
    role: Literal["assistant"]
    content: str
    refusal: None


class CompletionChoice(TypedDict):
    index: int
    message: CompletionMessage
    finish_reason: Literal["stop"]
    logprobs: None


class CompletionUsage(TypedDict):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(TypedDict):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: NotRequired[CompletionUsage]


class ResponseText(TypedDict):
    type: Literal["output_text"]
    text: str
    annotations: list[Any]
    logprobs: list[Any]


class ResponseMessage(TypedDict):
    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    status: Literal["in_progress", "completed"]
    content: list[ResponseText]


class ResponseObject(TypedDict):
    """With more fields of the protocol's, which do not change."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["queued", "in_progress", "completed", "failed", "cancelled"]
    model: str
    output: list[ResponseMessage]
    error: dict[str, Any] | None
    previous_response_id: str | None
    metadata: dict[str, str]
    usage: dict[str, Any] | None
    background: NotRequired[bool]
    conversation: NotRequired[dict[str, str]]


class OpenAIProblem(TypedDict):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(TypedDict):
    error: OpenAIProblem


class AgUiError(TypedDict):
    type: Literal["RUN_ERROR"]
    message: str
    code: str


class AiSdkError(TypedDict):
    error: str
    code: str


_OPENAI = {"application/json": OpenAIError}

SHAPES: Mapping[str, Shape] = {
    "models": Shape(answer=ModelList, refusals=_OPENAI, text="The app's profiles, as OpenAI's models."),
    "model": Shape(answer=Model, refusals=_OPENAI, text="One of them."),
    "chat-completions": Shape(
        answer=Completion,
        also=_STREAM,
        refusals=_OPENAI,
        body=CompletionRequest,
        headers={"Idempotency-Key": _KEY},
        text="OpenAI's Chat Completions: a conversation, and what the app says to its last message.",
    ),
    "responses": Shape(
        answer=ResponseObject,
        also=_STREAM,
        refusals=_OPENAI,
        body=ResponseRequest,
        headers={"Idempotency-Key": _KEY},
        text="OpenAI's Responses: one answer of the app's, in a thread that goes on.",
    ),
    "response": Shape(
        answer=ResponseObject,
        also=_STREAM,
        refusals=_OPENAI,
        query={
            "stream": {"type": "string", "enum": ["true", "false"]},
            "starting_after": {"type": "integer", "minimum": -1},
        },
        text="A response as it stands; as a stream, from the number on that comes after `starting_after`.",
    ),
    "response-cancel": Shape(answer=ResponseObject, refusals=_OPENAI, text="Ends a response that goes on."),
    "ag-ui": Shape(
        answer=_EVENTS,
        media="text/event-stream",
        refusals={"application/json": AgUiError},
        body=RunInput,
        text="AG-UI: runs the app as an agent.",
    ),
    "ai-sdk": Shape(
        answer=_EVENTS,
        media="text/event-stream",
        refusals={"application/json": AiSdkError},
        body=ChatRequest,
        text="The AI SDK's UI message stream: what `useChat` sends, and what it shows.",
    ),
    "ai-sdk-stream": Shape(
        answer=_EVENTS,
        media="text/event-stream",
        empty="No answer goes on.",
        refusals={"application/json": AiSdkError},
        text="The answer that goes on in a chat, from its beginning.",
    ),
}
"""By the routes' names."""
