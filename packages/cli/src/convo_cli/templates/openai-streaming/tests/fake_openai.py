"""A server on this machine that speaks as much of OpenAI's API as the app needs: no key, no network, no bill."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeOpenAI:
    """Answers each request with `answer`, word by word. `requests` has what it was asked; a `status` refuses it."""

    def __init__(self) -> None:
        self.answer = "It is **sunny** today."
        self.status = 200
        self.requests: list[dict[str, Any]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.requests.append({"path": self.path, "key": self.headers["Authorization"], **body})
                if fake.status != 200:
                    self._send("application/json", json.dumps({"error": {"message": "no such key"}}))
                    return
                lines = [fake._chunk(word) for word in fake.answer.split(" ")]
                self._send("text/event-stream", "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]))

            def _send(self, kind: str, text: str) -> None:
                self.send_response(fake.status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> FakeOpenAI:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _chunk(self, word: str) -> str:
        choice = {"index": 0, "delta": {"role": "assistant", "content": word + " "}, "finish_reason": None}
        about = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}
        return json.dumps({**about, "choices": [choice]})
