"""convo's ASGI app on uvicorn, as one would serve it from a program of one's own."""

from __future__ import annotations

import sys

import convo_server
from convo.loader import load_app

from benchmarks.servers.serving import serve

if __name__ == "__main__":
    serve(convo_server.create_app(load_app(sys.argv[1])), "uvicorn")
