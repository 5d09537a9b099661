"""A server that speaks the API of OpenAI and of those who took it over: its models answer in capitals."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["PIXEL", "ModelServer", "running"]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_HANG = "hang"


class ModelServer(ThreadingHTTPServer):
    """What is asked is in `requests`. A text that begins with `fail` gets an error, one with `hang` no answer."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[dict[str, Any]] = []
        self.reached: Callable[[], object] = lambda: None
        self.over = threading.Event()
        self.failures = 0  # how many of the next requests get an error that one tries again after

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running() -> Iterator[ModelServer]:
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def log_message(self, format: str, *args: Any) -> None:
        """No noise."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        is_json = "json" in self.headers["Content-Type"]
        body = json.loads(raw) if is_json else {"form": raw}
        path = self.path.partition("?")[0].removeprefix("/v1")
        self.server.requests.append(body | {"path": path})
        if self.server.failures:
            self.server.failures -= 1
            self._send({"error": {"message": "overloaded"}}, status=503)
            return
        text = _asked(body)
        if text.startswith("fail"):
            self._send({"error": {"message": text.removeprefix("fail ")}}, status=404)
            return
        if text.startswith(_HANG):
            self.server.reached()
            self.server.over.wait(30)
            return
        if path.endswith("/audio/speech"):
            self._send_bytes(b"ID3 a sound", "audio/mpeg")
        elif body.get("stream") or (not is_json and b'name="stream"\r\n\r\ntrue' in raw):
            self._stream(_STREAMS[_kind(path)](body, text))
        else:
            self._send(_ANSWERS[_kind(path)](body, text))

    def _send(self, answer: dict[str, Any], status: int = 200) -> None:
        self._send_bytes(json.dumps(answer).encode(), "application/json", status)

    def _send_bytes(self, content: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, events: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for event in events:
                name = f"event: {event['type']}\n" if "type" in event else ""
                self._write(f"{name}data: {json.dumps(event)}\n\n".encode())
                if event.get("hang"):
                    self.server.reached()
                    self.server.over.wait(30)
            self._write(b"data: [DONE]\n\n")
            self._write(b"")
        except OSError:  # nobody listens any more
            self.close_connection = True

    def _write(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _asked(body: dict[str, Any]) -> str:
    asked = body.get("messages") or body.get("input") or body.get("inputs") or body.get("prompt") or ""
    while isinstance(asked, list):
        asked = asked[-1] if asked else ""
    if isinstance(asked, dict):
        asked = asked.get("content") or asked.get("output") or ""
    if isinstance(asked, list):
        asked = "".join(part.get("text") or "" for part in asked)
    return str(asked)


def _kind(path: str) -> str:
    for kind in ("fim", "agents", "chat", "images", "audio"):
        if f"/{kind}/" in path:
            return {"fim": "chat", "agents": "chat"}.get(kind, kind)
    return path.strip("/")


def _tokens(text: str, *, names: tuple[str, str] = ("prompt_tokens", "completion_tokens")) -> dict[str, Any]:
    words = len(text.split())
    return {names[0]: words, names[1]: words + 1, "total_tokens": 2 * words + 1}


def _model(body: dict[str, Any]) -> str:
    return f"{body.get('model', 'mistral-agent')}-0824"


def _is_mistral(body: dict[str, Any]) -> bool:
    return _model(body).startswith(("mistral", "codestral", "magistral"))


# --- Chats ---

CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}


def _message(body: dict[str, Any], text: str) -> dict[str, Any]:
    if text.startswith("call"):
        return {"role": "assistant", "content": None, "tool_calls": [CALL]}
    message = {"role": "assistant", "content": text.upper()}
    if text.startswith("think") and _is_mistral(body):
        message["content"] = [_thought("Let me think."), {"type": "text", "text": text.upper()}]
    elif text.startswith("think"):
        message["reasoning_content"] = "Let me think."
    if (body.get("response_format") or {}).get("type") == "json_schema":
        message["content"] = json.dumps({"said": text.upper()})
    return message


def _thought(text: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


def _chat(body: dict[str, Any], text: str) -> dict[str, Any]:
    message = _message(body, text)
    reason = "tool_calls" if message.get("tool_calls") else "stop"
    choices = [{"index": n, "message": message, "finish_reason": reason} for n in range(body.get("n") or 1)]
    about = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": _model(body)}
    usage = _tokens(text) | {"completion_tokens_details": {"reasoning_tokens": 1}}
    return about | {"choices": choices, "usage": usage}


def _chat_stream(body: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    about = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": _model(body)}

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return about | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

    message = _message(body, text)
    yield chunk({"role": "assistant", "content": ""})
    for piece in (message.get("reasoning_content") or "").split():
        yield chunk({"reasoning_content": f"{piece} "})
    calls = message.get("tool_calls") or []
    if _is_mistral(body) and calls:  # they come whole
        yield chunk({"tool_calls": calls})
        calls = []
    for call in calls:
        function = call["function"]
        yield chunk({"tool_calls": [{**call, "index": 0, "function": {"name": function["name"], "arguments": ""}}]})
        for piece in (function["arguments"][:5], function["arguments"][5:]):
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    if isinstance(message["content"], list):
        yield from (chunk({"content": [_thought(piece)]}) for piece in ("Let me ", "think."))
        message["content"] = text.upper()
    for letter in _pieces(message["content"] or ""):
        yield chunk({"content": letter}) | ({"hang": True} if letter == "~" else {})
    usage = _tokens(text)
    if (body.get("stream_options") or {}).get("include_usage"):
        yield chunk({}, "stop")
        yield about | {"choices": [], "usage": usage}
    elif _is_mistral(body):
        yield chunk({"content": ""}, "stop") | {"usage": usage}
    else:
        yield chunk({}, "stop")


def _pieces(text: str) -> list[str]:
    return list(text) if len(text) < 100 else [text]


# --- Responses ---


def _responses(body: dict[str, Any], text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text.upper(), "annotations": []}
    output: list[dict[str, Any]] = [
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    ]
    if text.startswith("call"):
        function = CALL["function"]
        output = [{"type": "function_call", "id": "fc_1", "call_id": CALL["id"], **function}]  # type: ignore[dict-item]
    if text.startswith("think"):
        summary = [{"type": "summary_text", "text": "Let me think."}]
        output.insert(0, {"type": "reasoning", "id": "rs_1", "summary": summary})
    if text.startswith("draw"):
        image = base64.b64encode(PIXEL).decode()
        output.append({"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": image})
    broken = {"code": "server_error", "message": "the model broke"} if text.startswith("break") else None
    usage = _tokens(text, names=("input_tokens", "output_tokens")) | {
        "input_tokens_details": {"cached_tokens": 1},
        "output_tokens_details": {"reasoning_tokens": 2},
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": _model(body),
        "status": "failed" if broken else "completed",
        "error": broken,
        "output": [] if broken else output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage,
    }


def _responses_stream(body: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    whole = _responses(body, text)
    numbers = iter(range(100_000_000))
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}

    def event(kind: str, **fields: Any) -> dict[str, Any]:
        return {"type": kind, "sequence_number": next(numbers), **fields}

    yield event("response.created", response=whole | {"status": "in_progress", "output": [], "usage": None})
    if whole["status"] == "failed":
        yield event("response.failed", response=whole)
        return
    item = whole["output"][0]
    yield event("response.output_item.added", output_index=0, item=item | {"content": []})
    yield event("response.content_part.added", **at, part={"type": "output_text", "text": "", "annotations": []})
    for letter in _pieces(text.upper()):
        yield event("response.output_text.delta", **at, delta=letter, logprobs=[])
    yield event("response.output_text.done", **at, text=text.upper(), logprobs=[])
    yield event("response.output_item.done", output_index=0, item=item)
    yield event("response.completed", response=whole)


# --- The others ---


def _completions(body: dict[str, Any], text: str) -> dict[str, Any]:
    choice = {"index": 0, "text": text.upper(), "finish_reason": "stop", "logprobs": None}
    about = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": _model(body)}
    return about | {"choices": [choice], "usage": _tokens(text)}


def _completions_stream(body: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    for letter in text.upper():
        yield _completions(body, letter) | {"usage": None}


def _embeddings(body: dict[str, Any], text: str) -> dict[str, Any]:
    asked = body.get("input") or body.get("inputs")
    vectors: list[Any] = [[0.5, 0.25, 0.125]] * (len(asked) if isinstance(asked, list) else 1)
    if body.get("encoding_format") == "base64":
        vectors = [base64.b64encode(b"\0\0\0?\0\0\x80>\0\0\0>").decode()] * len(vectors)
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    usage = {"prompt_tokens": 4, "total_tokens": 4, "completion_tokens": 0}
    return {"id": "emb-1", "object": "list", "model": _model(body), "data": data, "usage": usage}


def _ocr(body: dict[str, Any], text: str) -> dict[str, Any]:
    pages = [{"index": n, "markdown": f"# Page {n}", "images": [], "dimensions": None} for n in (1, 2)]
    return {"model": _model(body), "pages": pages, "usage_info": {"pages_processed": 2, "doc_size_bytes": 7}}


def _images(body: dict[str, Any], text: str) -> dict[str, Any]:
    usage = {"input_tokens": 3, "output_tokens": 50, "total_tokens": 53}
    return {"created": 1, "data": [{"b64_json": base64.b64encode(PIXEL).decode()}], "usage": usage}


def _images_stream(body: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    usage = {"input_tokens": 3, "output_tokens": 50, "total_tokens": 53}
    image = {"b64_json": base64.b64encode(PIXEL).decode(), "created_at": 1, "background": "auto", "quality": "low"}
    image |= {"size": "1024x1024", "output_format": "png"}
    yield {"type": "image_generation.partial_image", "partial_image_index": 0, **image}
    yield {"type": "image_generation.completed", "usage": usage, **image}


def _audio(body: dict[str, Any], text: str) -> dict[str, Any]:
    usage = {"type": "tokens", "input_tokens": 7, "output_tokens": 2, "total_tokens": 9}
    return {"text": "good morning", "usage": usage}


def _audio_stream(body: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    usage = {"type": "tokens", "input_tokens": 7, "output_tokens": 2, "total_tokens": 9}
    for piece in ("good ", "morning"):
        yield {"type": "transcript.text.delta", "delta": piece}
    yield {"type": "transcript.text.done", "text": "good morning", "usage": usage}


_ANSWERS: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
    "chat": _chat,
    "responses": _responses,
    "completions": _completions,
    "embeddings": _embeddings,
    "ocr": _ocr,
    "images": _images,
    "audio": _audio,
}
_STREAMS: dict[str, Callable[[dict[str, Any], str], Iterator[dict[str, Any]]]] = {
    "chat": _chat_stream,
    "responses": _responses_stream,
    "completions": _completions_stream,
    "images": _images_stream,
    "audio": _audio_stream,
}
