"""The AI SDK's UI message stream, version 1: `POST /ai-sdk`, and `GET /ai-sdk/{id}/stream` for a page that comes back.

The chat's `id` names a thread; of `messages` the last one is said, and the others only begin a thread that is new. A
message that is sent again with another text is edited, and `regenerate-message` answers anew. The next message answers
a question of the app's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import msgspec
from convo.protocol import CommandError, Failure, Step
from msgspec import Struct

from convo_protocols.exchange import SSE, About, Exchange, Named, Place, sse
from convo_protocols.prompt import Attachment, Prompt, Said, from_url, parse, part_text, prompt_of
from convo_protocols.turn import (
    ActionOffered,
    Asked,
    ElementShown,
    Ended,
    Happening,
    StepBegan,
    StepEnded,
    TextAdded,
    TextBegan,
    TextEnded,
    json_or_text,
)

__all__ = ["Chat", "ChatRead", "ChatRequest", "refusal"]

_ID_LENGTH = 100
_DONE = b"data: [DONE]\n\n"


class ChatMessage(Struct):
    role: str
    parts: list[dict[str, Any]]
    id: str | None = None


class ChatRequest(Struct, rename="camel"):
    id: str
    messages: list[ChatMessage]
    trigger: str = "submit-message"
    message_id: str | None = None
    profile: str | None = None


class _Writer(Exchange):
    protocol = "ai-sdk"
    headers: ClassVar[Mapping[str, str]] = {**SSE, "x-vercel-ai-ui-message-stream": "v1"}

    def __init__(self) -> None:
        self._tools: set[str] = set()
        self._called: set[str] = set()

    def begin(self, about: About) -> Iterable[bytes]:
        self._about = about
        message_id = about.run_id if about.ask_id is None else f"{about.run_id}-{about.ask_id}"
        yield sse({"type": "start", "messageId": message_id, "messageMetadata": {"thread": about.thread_id}})

    def tell(self, happening: Happening) -> Iterable[bytes]:
        match happening:
            case TextBegan(id):
                yield sse({"type": "text-start", "id": id})
            case TextAdded(id, text):
                yield sse({"type": "text-delta", "id": id, "delta": text})
            case TextEnded(id):
                yield sse({"type": "text-end", "id": id})
            case StepBegan(step):
                yield from self._step_began(step)
            case StepEnded(step):
                yield from self._step_ended(step)
            case ElementShown(element):
                shown = msgspec.to_builtins(element)
                if element.url is not None and "://" not in element.url:
                    shown["url"] = f"{self._about.base_url}/{element.url}"
                if element.url is not None and element.mime is not None and element.type != "custom":
                    yield sse({"type": "file", "url": shown["url"], "mediaType": element.mime})
                yield _data("element", element.id, shown)
            case ActionOffered(action):
                yield _data("action", action.id, msgspec.to_builtins(action))
            case Asked(ask, _, choices, True):
                facts = {"id": ask.id, "type": ask.type, "choices": choices, "expiresAt": ask.expires_at}
                yield _data("ask", ask.id, facts)
                yield sse({"type": "finish", "finishReason": "stop"})
            case Ended():
                yield from self._end(happening)

    def fail(self, failure: Failure) -> Iterable[bytes]:
        yield sse({"type": "error", "errorText": failure.text})

    def close(self) -> Iterable[bytes]:
        yield _DONE

    def _step_began(self, step: Step) -> Iterable[bytes]:
        if step.type != "tool":
            yield _data("step", step.id, {"name": step.name, "type": step.type, "status": "running"})
            return
        self._tools.add(step.id)
        yield sse({"type": "tool-input-start"} | _tool(step))
        if step.input:
            yield from self._call(step)

    def _step_ended(self, step: Step) -> Iterable[bytes]:
        if step.id not in self._tools:
            status = "failed" if step.is_error else "done"
            yield _data("step", step.id, {"name": step.name, "type": step.type, "status": status})
            return
        if step.id not in self._called:
            yield from self._call(step)
        of = {"toolCallId": step.id, "dynamic": True, "providerExecuted": True}
        if step.is_error:
            yield sse({"type": "tool-output-error", "errorText": step.output or "The tool failed."} | of)
        else:
            yield sse({"type": "tool-output-available", "output": json_or_text(step.output)} | of)

    def _call(self, step: Step) -> Iterable[bytes]:
        self._called.add(step.id)
        yield sse({"type": "tool-input-available", "input": json_or_text(step.input) or {}} | _tool(step))

    def _end(self, end: Ended) -> Iterable[bytes]:
        if end.run.status == "stopped":
            yield sse({"type": "abort"})
            return
        metadata: dict[str, Any] = {"thread": self._about.thread_id}
        if end.usage is not None:
            usage = end.usage
            counts = {"inputTokens": usage.input, "outputTokens": usage.output, "totalTokens": usage.total}
            metadata["usage"] = counts
        reason = "stop"
        if end.run.status != "done":
            text = "The answer was interrupted." if end.run.error is None else end.run.error.text
            yield sse({"type": "error", "errorText": text})
            reason = "error"
        yield sse({"type": "finish", "finishReason": reason, "messageMetadata": metadata})


class Chat(_Writer):
    """One request of a chat, and the message that answers it. Raises `CommandError` for one that makes no sense."""

    def __init__(self, body: bytes, *, instructions: bool) -> None:
        super().__init__()
        request = parse(body, ChatRequest)
        said = [_said(message) for message in request.messages]
        self.is_anew = request.trigger == "regenerate-message"
        if self.is_anew:  # what was answered is on its way out
            while said and said[-1].role == "assistant":
                said.pop()
        self.prompt: Prompt = prompt_of(said, instructions=instructions)
        self.place: Place = _named(request.id)
        self.profile = request.profile
        self.key = self.prompt.id
        if self.key is not None and not 0 < len(self.key) <= _ID_LENGTH:
            raise CommandError("invalid", f"A message's `id` has 1 to {_ID_LENGTH} characters.")


class ChatRead(_Writer):
    """The answer that is going in a chat, from its beginning."""

    prompt = Prompt("")
    is_kept = True
    is_reading = True

    def __init__(self, chat_id: str) -> None:
        super().__init__()
        self.place: Place = _named(chat_id)


def refusal(failure: Failure) -> bytes:
    """A refusal's body, which the SDK shows as the error's message."""
    return msgspec.json.encode({"error": failure.text, "code": failure.code})


def _named(chat_id: str) -> Named:
    if not 0 < len(chat_id) <= _ID_LENGTH:
        raise CommandError("invalid", f"A chat's `id` has 1 to {_ID_LENGTH} characters.")
    return Named(chat_id)


def _said(message: ChatMessage) -> Said:
    texts: list[str] = []
    files: list[Attachment] = []
    for part in message.parts:
        if part.get("type") == "text":
            texts.append(part_text(part))
        elif part.get("type") == "file" and message.role == "user":
            files.append(from_url(part.get("url"), part.get("filename"), part.get("mediaType")))
    return Said(message.role, "\n".join(texts), tuple(files), message.id)


def _data(kind: str, part_id: str, data: Any) -> bytes:
    return sse({"type": f"data-{kind}", "id": part_id, "data": data})


def _tool(step: Step) -> dict[str, Any]:
    return {"toolCallId": step.id, "toolName": step.name or "tool", "dynamic": True, "providerExecuted": True}
