"""convo's ASGI app on uvicorn, with what `docs/serving.md` says to tell it."""

from __future__ import annotations

import sys

import convo_server
from convo.loader import load_app

from benchmarks.servers.serving import serve

if __name__ == "__main__":
    serve(convo_server.create_app(load_app(sys.argv[1])), "uvicorn", ws_per_message_deflate=False)
