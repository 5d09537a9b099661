"""The storage on a disk: the reference for all others, and what an app has when none is configured."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

from convo.errors import DataLayerError, MisconfiguredError, NotFoundError, UnavailableError
from convo.media import UNKNOWN
from convo.protocol import new_id
from convo.storage import Storage, check_key, check_prefix

__all__ = ["LocalStorage", "copy_pieces", "forget", "read_pieces", "write_pieces"]

P = ParamSpec("P")
T = TypeVar("T")

_PIECE = 256 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


class LocalStorage(Storage):
    """Keeps each key as a file below `folder`; without one, in a temporary folder, until `close`."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.is_durable = folder is not None
        self._folder = None if folder is None else Path(folder)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()  # two may want the temporary folder first

    async def close(self) -> None:
        temporary, self._temporary = self._temporary, None
        if temporary is not None:
            await asyncio.to_thread(temporary.cleanup)

    async def put(self, key: str, source: AsyncIterable[bytes], *, mime: str = UNKNOWN) -> int:
        return await write_pieces(self.path(key), source)

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        async with aclosing(read_pieces(self.path(key), start, end)) as pieces:
            async for piece in pieces:
                yield piece

    async def link(self, key: str, *, name: str, mime: str, inline: bool, seconds: int) -> None:
        return None

    async def size(self, key: str) -> int | None:
        try:
            return (await _on_disk(self.path(key).stat)).st_size
        except NotFoundError:
            return None

    async def delete(self, key: str) -> None:
        await _on_disk(self.path(key).unlink, missing_ok=True)

    async def delete_all(self, prefix: str) -> None:
        await _on_disk(_remove_tree, self._root / check_prefix(prefix))

    def path(self, key: str) -> Path:
        return self._root / check_key(key)

    @property
    def _root(self) -> Path:
        if self._folder is not None:
            return self._folder
        with self._lock:
            if self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="convo-", ignore_cleanup_errors=True)
            return Path(self._temporary.name)


async def write_pieces(path: Path, source: AsyncIterable[bytes]) -> int:
    """Write what `source` brings to `path`, in folders made for it: whole, or not at all. How many bytes it was.

    Raises `DataLayerError` for what is wrong with the disk, and what `source` raises.
    """
    draft = path.with_name(f".{new_id()}")
    size = 0
    try:
        file = await _on_disk(_create, draft)
        try:
            async for piece in source:
                size += len(piece)
                await _on_disk(file.write, piece)
        finally:
            await _on_disk(file.close)
        await _on_disk(os.replace, draft, path)
    except BaseException:
        await forget(draft)
        raise
    return size


async def copy_pieces(path: Path, source: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    """What `source` brings, each piece of which is written to `path` first. Raises as `write_pieces` does."""
    file = await _on_disk(_create, path)
    try:
        async for piece in source:
            await _on_disk(file.write, piece)
            yield piece
    finally:
        await _on_disk(file.close)


async def read_pieces(path: Path, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
    """The bytes of a file from `start` on, before `end`. Raises `NotFoundError` and its kin."""
    file = await _on_disk(path.open, "rb")
    try:
        await _on_disk(file.seek, start)
        while piece := await _on_disk(file.read, _PIECE if end is None else max(0, min(_PIECE, end - start))):
            start += len(piece)
            yield piece
    finally:
        file.close()


async def forget(path: Path) -> None:
    """Delete a file, if it is there and can be deleted."""
    with suppress(DataLayerError):
        await _on_disk(path.unlink, missing_ok=True)


async def _on_disk(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do it in a worker thread, and wait for that however often cancelled: nothing of it happens afterwards."""
    task = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    with _translated():
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():
                with suppress(asyncio.CancelledError):  # anyio cancels until it is heard
                    await asyncio.wait([task])
            task.exception()  # nobody is left to be told
            raise


@contextmanager
def _translated() -> Iterator[None]:
    """Raise a `DataLayerError` for what the disk says."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no {error.filename}.") from error
    except OSError as error:
        if error.errno in _FULL:
            raise UnavailableError(f"The disk of the storage is full: {error}") from error
        if error.errno in _FORBIDDEN:
            raise MisconfiguredError(f"The storage's folder cannot be used; check `[storage] url`: {error}") from error
        raise DataLayerError(f"The disk of the storage failed: {error}") from error


def _create(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")


def _remove_tree(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        if folder.exists():  # somebody else deletes it, too
            shutil.rmtree(folder, ignore_errors=True)
