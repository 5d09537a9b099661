"""Files: the bytes that belong to threads, in a storage, under names that the server makes."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from convo.errors import DataLayerError, NotFoundError, UnavailableError
from convo.local_storage import LocalStorage, copy_pieces, forget, read_pieces, write_pieces
from convo.media import HEAD_BYTES, extension, media_type
from convo.protocol import FileInfo, new_id
from convo.storage import Storage

__all__ = ["FileTooLargeError", "Files", "StoredFile", "file_url"]

logger = logging.getLogger("convo.files")

_NAME_LENGTH = 200
_REMEMBERED = 4096  # files whose facts need not be read again
_PIECE = 256 * 1024
_THREAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILE = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[a-z0-9]{1,10})?")
_URL = re.compile(r"api/v1/threads/([^/]+)/files/([^/]+)")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a thread. `path` is its working copy, to be read and not written: there while its session lives."""

    id: str
    thread_id: str
    name: str
    mime: str
    bytes: int
    path: Path

    @property
    def key(self) -> str:
        """Its key in the storage."""
        return f"{self.thread_id}/{self.id}"

    @property
    def info(self) -> FileInfo:
        """What its owner's browser may know."""
        url = file_url(self.thread_id, self.id)
        return FileInfo(id=self.id, name=self.name, mime=self.mime, bytes=self.bytes, url=url)


def file_url(thread_id: str, file_id: str) -> str:
    """Where a file is read, from the app's root."""
    return f"api/v1/threads/{thread_id}/files/{file_id}"


class Files:
    """Files by thread. What stays is in `storage`; code that wants to open one gets a working copy on this machine.

    Each file is kept beside its facts, written last: what a crash cut off has none, and is not there. A file never
    changes. Methods raise what a storage raises, except that a file that is not there is `None`.
    """

    def __init__(self, storage: Storage | None = None) -> None:
        self.storage = storage or LocalStorage()
        self._copies: tempfile.TemporaryDirectory[str] | None = None
        self._known: OrderedDict[str, StoredFile] = OrderedDict()
        self._used: set[str] = set()  # threads that have working copies or new files here

    async def open(self) -> None:
        """Open the storage. One that does not answer is no reason not to start: a chat needs it for files alone."""
        try:
            await self.storage.open()
        except UnavailableError as error:
            logger.warning("Files cannot be stored at the moment: %s", error)

    async def close(self) -> None:
        """Forget the working copies, and close the storage."""
        copies, self._copies = self._copies, None
        if copies is not None:
            await asyncio.to_thread(copies.cleanup)
        await self.storage.close()

    # --- Writing ---

    async def put(
        self,
        thread_id: str,
        source: bytes | Path | AsyncIterator[bytes],
        *,
        name: str = "",
        mime: str | None = None,
        limit: int | None = None,
    ) -> StoredFile:
        """Keep a file. Its type is what its bytes say, then `mime`, then its name.

        Raises `FileTooLargeError` beyond `limit` bytes, as soon as they have come; `ValueError` when the content is
        not what it says; `FileNotFoundError` and its kin for a path that cannot be read. Then nothing is kept.
        """
        if not _THREAD.fullmatch(thread_id):
            raise ValueError(f"`{thread_id}` cannot be the id of a thread.")
        coming = _Coming(_pieces(source), limit)
        found = media_type(await coming.look(), name, mime)
        shown = _shown_name(name) or f"file{extension('', found)}"
        self._used.add(thread_id)
        file_id = f"{new_id()}{extension(name, mime or '')}"
        path = self._path(thread_id, file_id)
        size = await self._put_content(thread_id, file_id, coming.pieces(), found)
        file = StoredFile(file_id, thread_id, shown, found, size, path)
        facts = msgspec.json.encode(_Facts(name=shown, mime=found, bytes=size))
        try:
            await self.storage.put(_facts_key(file.key), _pieces(facts), mime="application/json")
        except BaseException:
            await self._undo(thread_id, file_id)
            raise
        return self._remember(file)

    async def _put_content(self, thread_id: str, file_id: str, coming: AsyncGenerator[bytes, None], mime: str) -> int:
        key, path = f"{thread_id}/{file_id}", self._path(thread_id, file_id)
        try:
            async with aclosing(coming):
                if self.storage.path(key) is not None:
                    return await self.storage.put(key, coming, mime=mime)
                async with aclosing(copy_pieces(path, coming)) as copied:
                    return await self.storage.put(key, copied, mime=mime)
        except asyncio.CancelledError:
            await self._undo(thread_id, file_id)  # its last request may have been on the way
            raise
        except BaseException:
            await forget(path)
            raise

    async def delete(self, thread_id: str, file_id: str) -> None:
        """Forget a file. Idempotent."""
        if not _is_id(thread_id, file_id):
            return
        key = f"{thread_id}/{file_id}"
        self._known.pop(key, None)
        await self.storage.delete(_facts_key(key))
        await self.storage.delete(key)
        await forget(self._path(thread_id, file_id))

    async def delete_thread(self, thread_id: str) -> None:
        """Forget all files of a thread. Idempotent."""
        if not _THREAD.fullmatch(thread_id):
            return
        await self.release(thread_id)
        for key in [key for key in self._known if key.startswith(f"{thread_id}/")]:
            del self._known[key]
        await self.storage.delete_all(f"{thread_id}/")

    async def discard_thread(self, thread_id: str) -> None:
        """Forget the files of a thread that nobody will find again, if it got any in this process."""
        if thread_id in self._used:
            await self.delete_thread(thread_id)

    async def release(self, thread_id: str) -> None:
        """Forget the working copies of a thread, whose session has ended."""
        self._used.discard(thread_id)
        if self._copies is not None:
            await asyncio.to_thread(shutil.rmtree, Path(self._copies.name, thread_id), ignore_errors=True)

    async def _undo(self, thread_id: str, file_id: str) -> None:
        """Leave nothing of a file that may have been kept in part."""
        try:
            await self.delete(thread_id, file_id)
        except DataLayerError as error:
            logger.warning("`%s/%s` may be left in the storage: %s", thread_id, file_id, error)

    # --- Reading ---

    async def get(self, thread_id: str, file_id: str) -> StoredFile | None:
        """A file of a thread, whoever says their ids: what cannot be one is not looked for."""
        if not _is_id(thread_id, file_id):
            return None
        key = f"{thread_id}/{file_id}"
        known = self._known.get(key)
        if known is not None:
            return known
        try:
            facts = msgspec.json.decode(await _joined(self.storage.read(_facts_key(key))), type=_Facts)
        except NotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise DataLayerError(f"What is stored of `{key}` cannot be read: {error}") from error
        path = self._path(thread_id, file_id)
        return self._remember(StoredFile(file_id, thread_id, facts.name, facts.mime, facts.bytes, path))

    def at(self, url: str | None, *, name: str, mime: str | None, bytes: int | None) -> StoredFile | None:
        """The file that `file_url` gave `url`, with its facts as the log knows them; `None` for what is elsewhere.

        It is not looked for.
        """
        match = _URL.fullmatch(url or "")
        if match is None or not _is_id(match[1], match[2]):
            return None
        path = self._path(match[1], match[2])
        return StoredFile(match[2], match[1], name, mime or "", bytes or 0, path)

    async def fetch(self, file: StoredFile) -> Path:
        """Its working copy, which is made if there is none. Raises `NotFoundError`."""
        if not await asyncio.to_thread(file.path.exists):
            if self.storage.path(file.key) is not None:
                raise NotFoundError(f"There is no file {file.path}.")
            self._used.add(file.thread_id)
            async with aclosing(self.storage.read(file.key)) as pieces:
                await write_pieces(file.path, pieces)
        return file.path

    async def read(self, file: StoredFile, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """Its bytes from `start` on, before `end`. Raises `NotFoundError`, with the first piece."""
        is_here = self._copies is not None and await asyncio.to_thread(file.path.exists)
        source = read_pieces(file.path, start, end) if is_here else self.storage.read(file.key, start, end)
        async with aclosing(source) as pieces:
            async for piece in pieces:
                yield piece

    async def link(self, file: StoredFile, *, inline: bool, seconds: int) -> str | None:
        """An address outside this server where anybody may read it for `seconds`, if the storage has such."""
        return await self.storage.link(file.key, name=file.name, mime=file.mime, inline=inline, seconds=seconds)

    def _remember(self, file: StoredFile) -> StoredFile:
        self._known[file.key] = file
        self._known.move_to_end(file.key)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return file

    def _path(self, thread_id: str, file_id: str) -> Path:
        """Where its working copy is, or would be."""
        stored = self.storage.path(f"{thread_id}/{file_id}")
        if stored is not None:
            return stored
        if self._copies is None:
            self._copies = tempfile.TemporaryDirectory(prefix="convo-", ignore_cleanup_errors=True)
        return Path(self._copies.name, thread_id, file_id)


class FileTooLargeError(ValueError):
    """More bytes came than may; `limit` says how many."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"It has more than {limit:,} bytes.")
        self.limit = limit


class _Facts(msgspec.Struct):
    name: str
    mime: str
    bytes: int


class _Coming:
    """What comes, of which the first bytes can be looked at before the rest is there."""

    def __init__(self, source: AsyncIterator[bytes], limit: int | None) -> None:
        self._source = source
        self._limit = limit
        self._seen = b""

    async def look(self) -> bytes:
        """The first `HEAD_BYTES`, or all there are."""
        while len(self._seen) < HEAD_BYTES:
            piece = await anext(self._source, None)
            if piece is None:
                break
            self._seen += piece
        return self._seen[:HEAD_BYTES]

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """All of it. Raises `FileTooLargeError`."""
        size = len(self._seen)
        self._check(size)
        if self._seen:
            yield self._seen
        async for piece in self._source:
            size += len(piece)
            self._check(size)
            yield piece

    def _check(self, size: int) -> None:
        if self._limit is not None and size > self._limit:
            raise FileTooLargeError(self._limit)


def _is_id(thread_id: str, file_id: str) -> bool:
    return _THREAD.fullmatch(thread_id) is not None and _FILE.fullmatch(file_id) is not None


def _facts_key(key: str) -> str:
    return f"{key}.facts"


async def _pieces(source: bytes | Path | AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    if isinstance(source, bytes):
        for start in range(0, len(source), _PIECE):
            yield source[start : start + _PIECE]
        return
    if not isinstance(source, Path):
        async for piece in source:
            yield piece
        return
    with await asyncio.to_thread(source.open, "rb") as file:  # the author's: what is wrong with it is told as it is
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


async def _joined(pieces: AsyncGenerator[bytes, None]) -> bytes:
    async with aclosing(pieces):
        return b"".join([piece async for piece in pieces])


def _shown_name(name: str) -> str:
    """A name for people: the last part of what was given, without control characters."""
    name = "".join(character for character in name.replace("\\", "/").rpartition("/")[2] if character.isprintable())
    return name.strip()[-_NAME_LENGTH:]
