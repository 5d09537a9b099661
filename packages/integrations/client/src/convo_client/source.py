"""Sources: files to send, read piece by piece, from the beginning for each try; and files to keep."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from convo.protocol import FileInfo, new_id

__all__ = ["File", "Source", "source_of", "write_file"]

File: TypeAlias = Path | bytes | tuple[str, bytes] | FileInfo
"""A file to send: where it is, its bytes, with a name, or one that was uploaded before."""

_PIECE_BYTES = 262_144


@dataclass(frozen=True)
class Source:
    """`pieces` begins it anew."""

    name: str
    size: int
    pieces: Callable[[], AsyncIterator[bytes]]


async def source_of(file: Path | bytes | tuple[str, bytes], name: str | None) -> Source:
    """Raises `OSError` for a file that cannot be read, and `TypeError` for what is none."""
    if not isinstance(file, Path | bytes | tuple):
        raise TypeError(f"{file!r} is no file: give a `Path`, bytes, or a name and bytes.")
    if isinstance(file, Path):
        size = (await asyncio.to_thread(file.stat)).st_size
        return Source(name or file.name, size, lambda: _read(file))
    own, data = file if isinstance(file, tuple) else ("file", file)
    return Source(name or own, len(data), lambda: _cut(data))


async def write_file(path: Path, pieces: AsyncIterator[bytes]) -> None:
    """Keep `pieces` under `path`, all of them or none."""
    part = path.with_name(f".{path.name}.{new_id()}.part")
    file = await asyncio.to_thread(part.open, "xb")
    try:
        with file:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(os.replace, part, path)
    finally:
        await asyncio.to_thread(part.unlink, missing_ok=True)


async def _read(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece


async def _cut(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _PIECE_BYTES):
        yield data[start : start + _PIECE_BYTES]
