"""Starts a module as `python -m` would, but without what is installed for the harness alone.

python-engineio imports clients for HTTP and WebSocket where it finds them, and the harness and the tests bring some; an
installation of a server has none.
"""

from __future__ import annotations

import runpy
import sys

if __name__ == "__main__":
    for client in ("aiohttp", "requests", "websocket"):
        sys.modules[client] = None  # type: ignore[assignment]  # which is how Python says: cannot be imported
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
