"""OpenAI's Chat Completions: `POST /v1/chat/completions`, streaming and not.

A request brings the whole conversation, so each is a thread of its own, which begins with what was said before. A
question of the app's is part of the text and gets no answer: there is no request that could bring it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from convo.protocol import Ask, CommandError, Failure, decode_json
from msgspec import Struct

from convo_protocols.exchange import About, Exchange, Fresh, Place, Reply, sse
from convo_protocols.openai_error import error_of, refusal
from convo_protocols.prompt import Attachment, Prompt, Said, from_base64, from_url, parse, part_text, prompt_of
from convo_protocols.turn import Asked, Ended, Happening, TextAdded, TextBegan, Usage

__all__ = ["ChatCompletion", "CompletionRequest", "refusal"]

_DONE = b"data: [DONE]\n\n"
_BETWEEN = "\n\n"  # between the messages of one answer
_HEEDED = {"messages", "model", "stream", "stream_options", "n", "store", "user", "metadata"}
"""Of a request: all else is the app's business."""


class PromptMessage(Struct):
    role: str
    content: str | list[dict[str, Any]] | None = None


class StreamOptions(Struct):
    include_usage: bool | None = None


class CompletionRequest(Struct):
    messages: list[PromptMessage]
    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    modalities: list[str] | None = None
    response_format: dict[str, Any] | None = None
    tool_choice: str | dict[str, Any] | None = None


class ChatCompletion(Exchange):
    """One request, and the completion that answers it. Raises `CommandError` for a request that makes no sense."""

    protocol = "chat-completions"

    def __init__(self, body: bytes, *, instructions: bool, key: str | None = None) -> None:
        request = parse(body, CompletionRequest)
        _check(request)
        given = decode_json(body)
        ignored = sorted(name for name in given if name not in _HEEDED and given[name] is not None)
        said = [_said(message) for message in request.messages]
        self.prompt: Prompt = prompt_of(said, instructions=instructions, ignored=ignored)
        self.place: Place = Fresh(key)
        self.key = key
        self.is_kept = key is not None  # its caller comes back for it
        self.model = request.model
        self.is_streamed = bool(request.stream)
        self._with_usage = request.stream_options is not None and bool(request.stream_options.include_usage)
        self._texts: dict[str, list[str]] = {}
        self._said_any = False
        self._end: Ended | None = None

    def awaits(self, ask: Ask) -> bool:
        return False

    def begin(self, about: About) -> Iterable[bytes]:
        self._about = about
        yield self._chunk({"role": "assistant", "content": ""})

    def tell(self, happening: Happening) -> Iterable[bytes]:
        match happening:
            case TextBegan(id, replaces):
                self._texts.pop(replaces or "", None)
                self._texts[id] = []
                if self._said_any:
                    yield self._chunk({"content": _BETWEEN})
            case TextAdded(id, text):
                self._texts[id].append(text)
                self._said_any = True
                yield self._chunk({"content": text})
            case Asked(choices=choices, ask=ask) if choices:
                listed = "\n".join(f"- {label}" for label in choices.values())
                self._texts[ask.id] = [listed]
                yield self._chunk({"content": f"{_BETWEEN}{listed}"})
            case Ended():
                self._end = happening
                if happening.run.status in ("failed", "interrupted"):
                    yield from self.fail(_failure(happening))
                    return
                yield self._chunk({}, "stop")
                if self._with_usage:
                    yield sse(self._object("chat.completion.chunk", choices=[]) | {"usage": _usage(happening.usage)})

    def fail(self, failure: Failure) -> Iterable[bytes]:
        yield sse({"error": error_of(failure)})

    def close(self) -> Iterable[bytes]:
        yield _DONE

    def whole(self) -> Reply:
        end = self._end
        assert end is not None
        if end.run.status in ("failed", "interrupted"):
            return Reply(refusal(_failure(end)), 500)
        content = _BETWEEN.join("".join(text) for text in self._texts.values())
        message = {"role": "assistant", "content": content, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        whole = self._object("chat.completion", choices=[choice])
        if end.usage is not None:
            whole["usage"] = _usage(end.usage)
        return Reply(msgspec.json.encode(whole))

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        chunk = self._object("chat.completion.chunk", choices=[choice])
        return sse(chunk | {"usage": None} if self._with_usage else chunk)

    def _object(self, kind: str, *, choices: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self._about.run_id}",
            "object": kind,
            "created": self._about.created_at,
            "model": self.model or "convo",
            "choices": list(choices),
        }


def _check(request: CompletionRequest) -> None:
    """Refuse what cannot be had, and what an answer without it would not be an answer to. Raises `CommandError`."""
    if request.n not in (None, 1):
        raise _refused("n", "An app gives one answer at a time: `n` is 1.")
    if request.modalities not in (None, ["text"]):
        raise _refused("modalities", "An app answers with text.")
    if request.response_format is not None and request.response_format.get("type") != "text":
        raise _refused("response_format", "The app decides what its answers look like: `response_format` is `text`.")
    if request.tool_choice not in (None, "auto", "none"):
        raise _refused("tool_choice", "An app uses its own tools, and calls none of its caller's.")


def _refused(param: str, text: str) -> CommandError:
    return CommandError("invalid", text, details={"param": param, "code": "unsupported_value"})


def _said(message: PromptMessage) -> Said:
    if message.content is None or isinstance(message.content, str):
        return Said(message.role, message.content or "")
    texts: list[str] = []
    files: list[Attachment] = []
    for part in message.content:
        match part.get("type"):
            case "text" | "refusal":
                texts.append(part_text(part) if part["type"] == "text" else str(part.get("refusal", "")))
            case "image_url":
                image = part.get("image_url")
                files.append(from_url(image.get("url") if isinstance(image, dict) else image))
            case "file":
                file = part.get("file")
                if not isinstance(file, dict) or "file_data" not in file:
                    raise CommandError("invalid", "A file is sent within the request, as `file_data`.")
                files.append(from_base64(file["file_data"], file.get("filename")))
            case "input_audio":
                audio = part.get("input_audio")
                kind = audio.get("format") if isinstance(audio, dict) else None
                if not isinstance(audio, dict) or not isinstance(kind, str):
                    raise CommandError("invalid", "`input_audio` has `data` in base64 and its `format`.")
                files.append(from_base64(audio.get("data"), f"audio.{kind}", f"audio/{kind}"))
            case kind:
                raise CommandError("invalid", f"There are no parts of type `{kind}` here.")
    return Said(message.role, "\n".join(texts), tuple(files))


def _usage(usage: Usage | None) -> dict[str, Any]:
    usage = usage or Usage()
    return {"prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": usage.total}


def _failure(end: Ended) -> Failure:
    text = "The answer was interrupted." if end.run.error is None else end.run.error.text
    return Failure(code="internal", text=text)
