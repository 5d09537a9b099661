"""Servers: one process each, on a free port, measured from outside."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.harness.target import Target

__all__ = ["ENVIRONMENT", "ROOT", "Server"]

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
KNOCK_SECONDS = 0.01
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    # Compiled modules are kept whatever the shell says, as an installation keeps them, and not among the sources.
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "convo-benchmarks"),
    "CONVO_DATA__URL": "memory",
}
_URL = re.compile(r"http://[0-9.:]+/")


class Server:
    """A running target."""

    def __init__(self, target: Target, process: asyncio.subprocess.Process) -> None:
        self.target = target
        self.url = ""
        self._process = process
        self._said: list[str] = []
        self._listening = asyncio.Event()  # or ended

    @classmethod
    @asynccontextmanager
    async def start(cls, target: Target, environment: Mapping[str, str] | None = None) -> AsyncIterator[Server]:
        """The server, as soon as it listens. Raises `RuntimeError` with what it said instead."""
        port = _free_port() if "{port}" in target.arguments else None
        process = await asyncio.create_subprocess_exec(
            target.python,
            *(argument.format(port=port) for argument in target.arguments),
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT, **target.environment, **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        server = cls(target, process)
        assert process.stdout is not None
        tasks = [asyncio.create_task(server._listen(process.stdout, is_told=port is not None))]
        if port is not None:
            tasks.append(asyncio.create_task(server._knock(port)))
        try:
            async with asyncio.timeout(PATIENCE):
                await server._listening.wait()
            if not server.url:
                raise RuntimeError(f"{target.title} did not start:\n{''.join(server._said)}")
            yield server
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            await asyncio.gather(*tasks)

    async def _listen(self, output: asyncio.StreamReader, *, is_told: bool) -> None:
        """Read all it says, so that it never waits for us; among it the URL, unless it was told its port."""
        async for line in output:
            text = line.decode(errors="replace")
            self._said.append(text)
            if not self.url and not is_told and (found := _URL.search(text)):
                self.url = found[0]
                self._listening.set()
            elif self.url and ("Traceback" in text or "Error" in text):
                sys.stderr.write(text)
        self._listening.set()

    async def _knock(self, port: int) -> None:
        """Try until somebody answers, or the process has ended."""
        while not self._listening.is_set() and self._process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(KNOCK_SECONDS)
                continue
            writer.close()
            await writer.wait_closed()
            self.url = f"http://127.0.0.1:{port}/"
            self._listening.set()

    async def end(self) -> float:
        """Ask it to end, as a service manager does. Returns the seconds until it had; `RuntimeError` if it failed."""
        start = time.perf_counter()
        self._process.terminate()
        async with asyncio.timeout(PATIENCE):
            code = await self._process.wait()
        seconds = time.perf_counter() - start
        if code != 0:
            raise RuntimeError(f"{self.target.title} ended with {code}:\n{''.join(self._said)}")
        return seconds

    def cpu(self) -> float:
        """CPU seconds of the process and all its threads so far."""
        return time.clock_gettime((~self._process.pid << 3) | 2)  # the process's clock: `/proc` counts in 10 ms

    def waited(self) -> float:
        """Seconds for which its main thread could have run but others had the CPU, so far."""
        return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[1]) / 1e9

    def rss(self) -> int:
        """Resident bytes."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
