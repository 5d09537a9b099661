"""What comes to the event loop, as a file that a thread reads: Google's library is a blocking one."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterable
from typing import Any

__all__ = ["Feed"]


class Feed:
    """Holds one part at a time. `read` belongs to the thread, all else to the loop that made it."""

    def __init__(self, first: bytes) -> None:
        self._loop = asyncio.get_running_loop()
        self._parts: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._parts.put(first)
        self._room = asyncio.Semaphore(0)
        self._rest = b""
        self._is_over = False
        self.size = 0

    async def fill(self, parts: AsyncIterable[bytes], reader: asyncio.Future[None]) -> None:
        """Hand over all `parts`, each when the one before was taken, unless `reader` ends before that."""
        async for part in parts:
            room = asyncio.ensure_future(self._room.acquire())
            either: set[asyncio.Future[Any]] = {room, reader}
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            finally:
                room.cancel()
            if reader.done():
                return
            self._parts.put(part)
        self._parts.put(b"")

    def abort(self) -> None:
        """Make `read` raise `EOFError`."""
        self._parts.put(None)

    def read(self, size: int) -> bytes:
        """As many bytes as that, or all that is left."""
        read = [self._take(size)]
        left = size - len(read[0])
        while left and not self._is_over:
            read.append(self._take(left))
            left -= len(read[-1])
        self.size += size - left
        return read[0] if len(read) == 1 else b"".join(read)

    def _take(self, most: int) -> bytes:
        """Some bytes; none at the end alone. Parts as large as what is read are handed on as they are."""
        part, self._rest = self._rest, b""
        if not part:
            coming = self._parts.get()
            if coming is None:
                raise EOFError("Nothing more comes.")
            self._loop.call_soon_threadsafe(self._room.release)
            part, self._is_over = coming, not coming
        if len(part) > most:
            part, self._rest = part[:most], part[most:]
        return part

    def tell(self) -> int:
        """How many bytes were read."""
        return self.size
