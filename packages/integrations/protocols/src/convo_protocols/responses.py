"""OpenAI's Responses: `POST /v1/responses`, streaming and not, and `GET /v1/responses/{id}`, also as a stream resumed.

`previous_response_id` goes on after that answer, in its thread; `conversation` names a thread. A response's id is that
of its thread and of its run. Sequence numbers count what was said, whatever pieces it came in: a delta counts its
characters, any other event one. So a stream that is resumed goes on with the character that comes next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from convo.protocol import CommandError, Failure, decode_json
from msgspec import Struct

from convo_protocols.exchange import About, Active, Exchange, Fresh, Named, Place, Reply, sse
from convo_protocols.openai_error import error_of, refusal
from convo_protocols.prompt import Attachment, Prompt, Said, from_base64, from_url, parse, part_text, prompt_of
from convo_protocols.turn import Asked, Ended, Happening, TextAdded, TextBegan, TextEnded, Usage

__all__ = ["Response", "ResponseRead", "ResponseRequest", "place_of", "refusal"]

_ID = re.compile(r"resp_([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})(?:\.[A-Za-z0-9_-]{1,64})?")
_STATUS = {
    "queued": "queued",
    "running": "in_progress",
    "done": "completed",
    "failed": "failed",
    "stopped": "cancelled",
    "interrupted": "failed",
}
_LAST = {"completed": "response.completed", "failed": "response.failed", "cancelled": "response.incomplete"}
_HEEDED = {
    "input",
    "model",
    "stream",
    "previous_response_id",
    "conversation",
    "background",
    "metadata",
    "store",
    "user",
}
_NAME_LENGTH = 200


class ResponseRequest(Struct):
    input: str | list[dict[str, Any]]
    model: str | None = None
    stream: bool | None = None
    previous_response_id: str | None = None
    conversation: str | dict[str, Any] | None = None
    background: bool | None = None
    instructions: str | None = None
    metadata: dict[str, str] | None = None
    text: dict[str, Any] | None = None
    tool_choice: str | dict[str, Any] | None = None


class _Writer(Exchange):
    """What both kinds of request are answered with."""

    protocol = "responses"
    model: str | None = None
    after = -1
    """The number of the last event that the caller has."""

    def __init__(self) -> None:
        self._number = -1
        self._items: dict[str, list[str]] = {}
        self._places: dict[str, int] = {}
        self._status = "in_progress"
        self._error: dict[str, Any] | None = None
        self._usage: Usage | None = None
        self._echo: dict[str, Any] = {}

    def begin(self, about: About) -> Iterable[bytes]:
        self._about = about
        yield from self._event("response.created", response=self._response())
        yield from self._event("response.in_progress", response=self._response())

    def tell(self, happening: Happening) -> Iterable[bytes]:
        match happening:
            case TextBegan(id, replaces):
                if replaces is not None:
                    self._items.pop(replaces, None)
                yield from self._open(id)
            case TextAdded(id, text):
                yield from self._add(id, text)
            case TextEnded(id):
                yield from self._close(id)
            case Asked():
                yield from self._ask(happening)
            case Ended(run, usage):
                self._usage = usage
                if run.status in ("failed", "interrupted"):
                    text = "The answer was interrupted." if run.error is None else run.error.text
                    self._error = {"code": "server_error", "message": text}
                yield from self._finish(_STATUS[run.status])

    def fail(self, failure: Failure) -> Iterable[bytes]:
        error = error_of(failure)
        named = {name: error[name] for name in ("code", "message", "param")}
        yield from self._event("error", **named)

    def whole(self) -> Reply:
        return Reply(msgspec.json.encode(self._response()))

    def _ask(self, asked: Asked) -> Iterable[bytes]:
        if asked.choices:
            yield from self._open(asked.ask.id)
            yield from self._add(asked.ask.id, "\n".join(f"- {label}" for label in asked.choices.values()))
            yield from self._close(asked.ask.id)
        if asked.is_waiting:
            yield from self._finish("completed")

    def _open(self, item_id: str) -> Iterable[bytes]:
        self._items[item_id] = []
        place = self._places[item_id] = len(self._places)
        item = _item(item_id, [], "in_progress")
        yield from self._event("response.output_item.added", output_index=place, item=item)
        yield from self._part_event("response.content_part.added", item_id, part=_text(""))

    def _add(self, item_id: str, text: str) -> Iterable[bytes]:
        self._items[item_id].append(text)
        self._number += len(text)
        if self._number > self.after:
            missing = text[-(self._number - self.after) :]
            event = self._located(item_id) | {"delta": missing, "logprobs": []}
            yield self._numbered("response.output_text.delta", event)

    def _close(self, item_id: str) -> Iterable[bytes]:
        if item_id not in self._items:  # another stands in its place
            return
        text = "".join(self._items[item_id])
        yield from self._part_event("response.output_text.done", item_id, text=text, logprobs=[])
        yield from self._part_event("response.content_part.done", item_id, part=_text(text))
        item = _item(item_id, [text], "completed")
        yield from self._event("response.output_item.done", output_index=self._places[item_id], item=item)

    def _finish(self, status: str) -> Iterable[bytes]:
        self._status = status
        yield from self._event(_LAST[status], response=self._response())

    def _located(self, item_id: str) -> dict[str, Any]:
        return {"item_id": f"msg_{item_id}", "output_index": self._places[item_id], "content_index": 0}

    def _part_event(self, kind: str, item_id: str, **fields: Any) -> Iterable[bytes]:
        return self._event(kind, **self._located(item_id), **fields)

    def _event(self, kind: str, **fields: Any) -> Iterable[bytes]:
        self._number += 1
        if self._number > self.after:
            yield self._numbered(kind, fields)

    def _numbered(self, kind: str, fields: dict[str, Any]) -> bytes:
        return sse({"type": kind, "sequence_number": self._number} | fields, kind)

    def _response(self) -> dict[str, Any]:
        about, status = self._about, self._status
        name = f"resp_{about.thread_id}.{about.run_id}" + ("" if about.ask_id is None else f".{about.ask_id}")
        return {
            "id": name,
            "object": "response",
            "created_at": about.created_at,
            "status": status,
            "model": self.model or "convo",
            "output": [_item(item_id, ["".join(text)], "completed") for item_id, text in self._items.items()],
            "error": self._error,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": True,
            "temperature": None,
            "top_p": None,
            "tool_choice": "auto",
            "tools": [],
            "previous_response_id": None,
            "store": True,
            "text": {"format": {"type": "text"}},
            "usage": None if self._usage is None else _usage(self._usage),
        } | self._echo


class Response(_Writer):
    """One request, and the response to it. Raises `CommandError` for a request that makes no sense."""

    def __init__(self, body: bytes, *, instructions: bool, key: str | None = None) -> None:
        super().__init__()
        request = parse(body, ResponseRequest)
        _check(request)
        given = decode_json(body)
        heeded = _HEEDED | {"instructions"} if instructions else _HEEDED
        ignored = sorted(name for name in given if name not in heeded and given[name] is not None)
        said = _said(request.input)
        if request.instructions is not None:
            said.insert(0, Said("system", request.instructions))
        self.prompt: Prompt = prompt_of(said, instructions=instructions, ignored=ignored)
        self.place: Place = _place(request, key)
        self.key = key
        self.model = request.model
        self.is_streamed = bool(request.stream)
        self.is_kept = bool(request.background) or key is not None
        self.is_detached = bool(request.background) and not self.is_streamed
        self._echo = {
            "previous_response_id": request.previous_response_id,
            "metadata": request.metadata or {},
            "background": bool(request.background),
        }
        if isinstance(self.place, Named):
            self._echo["conversation"] = {"id": self.place.name}


class ResponseRead(_Writer):
    """A response that is there, read again: as it is, or as a stream after the number `after`."""

    prompt = Prompt("")
    is_kept = True
    is_reading = True

    def __init__(self, response_id: str, *, is_streamed: bool, after: int = -1) -> None:
        super().__init__()
        self.place: Place = place_of(response_id)
        self.is_streamed, self.is_detached = is_streamed, not is_streamed
        self.after = after


def place_of(response_id: str) -> Active:
    """The thread and the run of a response. Raises `CommandError`: `not-found`."""
    match = _ID.fullmatch(response_id)
    if match is None:
        raise CommandError("not-found", "There is no such response.", details={"code": "response_not_found"})
    return Active(match[1], match[2])


def _place(request: ResponseRequest, key: str | None) -> Place:
    if request.previous_response_id is not None:
        if request.conversation is not None:
            raise CommandError("invalid", "A request has a `previous_response_id` or a `conversation`, not both.")
        return place_of(request.previous_response_id)
    if request.conversation is None:
        return Fresh(key)
    name = request.conversation.get("id") if isinstance(request.conversation, dict) else request.conversation
    if not isinstance(name, str) or not 0 < len(name) <= _NAME_LENGTH:
        raise CommandError(
            "invalid", f"`conversation` is a name of 1 to {_NAME_LENGTH} characters.", details={"param": "conversation"}
        )
    return Named(name)


def _check(request: ResponseRequest) -> None:
    """Refuse what an answer without it would not be an answer to. Raises `CommandError`."""
    kind = ((request.text or {}).get("format") or {}).get("type", "text")
    if kind != "text":
        raise _refused("text.format", "The app decides what its answers look like: `text.format` is `text`.")
    if request.tool_choice not in (None, "auto", "none"):
        raise _refused("tool_choice", "An app uses its own tools, and calls none of its caller's.")


def _refused(param: str, text: str) -> CommandError:
    return CommandError("invalid", text, details={"param": param, "code": "unsupported_value"})


def _said(given: str | list[dict[str, Any]]) -> list[Said]:
    if isinstance(given, str):
        return [Said("user", given)]
    said: list[Said] = []
    for item in given:
        if item.get("type", "message") != "message":
            said.append(Said(str(item.get("type")), ""))
            continue
        content, role = item.get("content"), str(item.get("role"))
        if isinstance(content, str):
            said.append(Said(role, content))
        elif isinstance(content, list) and all(isinstance(part, dict) for part in content):
            said.append(_of_parts(role, content))
        else:
            raise CommandError("invalid", "A message's `content` is a text or a list of parts.")
    return said


def _of_parts(role: str, parts: list[dict[str, Any]]) -> Said:
    texts: list[str] = []
    files: list[Attachment] = []
    for part in parts:
        match part.get("type"):
            case "input_text" | "output_text" | "text":
                texts.append(part_text(part))
            case "refusal":
                texts.append(str(part.get("refusal", "")))
            case "input_image":
                files.append(from_url(part.get("image_url")))
            case "input_file":
                files.append(from_base64(part.get("file_data"), part.get("filename")))
            case kind:
                raise CommandError("invalid", f"There are no parts of type `{kind}` here.")
    return Said(role, "\n".join(texts), tuple(files))


def _item(item_id: str, texts: list[str], status: str) -> dict[str, Any]:
    content = [_text(text) for text in texts]
    return {"id": f"msg_{item_id}", "type": "message", "role": "assistant", "status": status, "content": content}


def _text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total,
    }
