"""An application of somebody's own, with a chat in it, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from tests.harness.server import free_port

__all__ = ["site"]


@contextlib.asynccontextmanager
async def site(folder: Path, source: str) -> AsyncIterator[str]:
    """Serves the `site` that `source` defines, a chat at its `/chat`, and yields its address."""
    (folder / "site_app.py").write_text(source, "utf-8")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hypercorn", "-b", f"127.0.0.1:{port}", "site_app:site", cwd=folder
    )
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as http:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await http.get(f"http://127.0.0.1:{port}/chat/")
                    break
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
