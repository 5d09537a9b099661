"""A server in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

__all__ = ["Serve", "Server", "free_port"]


def free_port() -> int:
    """A port that nobody has. It is below those of outgoing connections (from 32,768 on), so that none takes it either,
    not even while its server is started again.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """`convo run` in a process of its own, on a port that stays over restarts."""

    def __init__(self, *arguments: str, cwd: Path, settings: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log: list[str] = []
        self._arguments = arguments
        self._cwd = cwd
        self._settings = {f"CONVO_{name}": value for name, value in (settings or {}).items()}
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def memory(self) -> int:
        """Bytes of the process that are in memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def complaints(self) -> list[str]:
        """Its log from the first line on that tells of something wrong; that its machine is busy is not."""
        log = [line for line in self.log if "has blocked all chats" not in line]
        words = ("WARNING", "ERROR", "Traceback", "Exception ignored")
        wrong = (i for i, line in enumerate(log) if any(word in line for word in words))
        return log[next(wrong, len(log)) :]

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "convo_cli",
            *self._arguments,
            "--port",
            str(self.port),
            "--no-open",
            cwd=self._cwd,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self._settings},
        )
        ready = asyncio.Event()
        self._reader = asyncio.create_task(self._read(self._process, ready))
        async with asyncio.timeout(60):
            await ready.wait()

    async def _read(self, process: asyncio.subprocess.Process, ready: asyncio.Event) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.log.append(line.decode())
            if " is ready at " in self.log[-1]:
                ready.set()

    async def said(self, text: str) -> None:
        """Wait until the server has logged `text`."""
        async with asyncio.timeout(60):
            while not any(text in line for line in self.log):
                await asyncio.sleep(0.02)

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """End the process and return its exit code; `None` when there was none."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(how)
            async with asyncio.timeout(15):
                await process.wait()
        if self._reader is not None:
            await self._reader
        return None if process is None else process.returncode

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        await self.end(how)
        await self.start()


Serve = Callable[..., Awaitable[Server]]
