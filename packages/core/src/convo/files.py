"""Files: the bytes that belong to threads, on disk, under names that the server makes."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from convo.media import HEAD_BYTES, extension, media_type
from convo.protocol import FileInfo, new_id

__all__ = ["FileTooLargeError", "Files", "StoredFile", "file_url"]

_NAME_LENGTH = 200
_FACTS = ".facts"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_URL = re.compile(r"api/v1/threads/([^/]+)/files/([^/]+)")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a thread. `path` may be read, not written."""

    id: str
    thread_id: str
    name: str
    mime: str
    bytes: int
    path: Path

    @property
    def info(self) -> FileInfo:
        """What its owner's browser may know."""
        url = file_url(self.thread_id, self.id)
        return FileInfo(id=self.id, name=self.name, mime=self.mime, bytes=self.bytes, url=url)


def file_url(thread_id: str, file_id: str) -> str:
    """Where a file is read, from the app's root."""
    return f"api/v1/threads/{thread_id}/files/{file_id}"


class Files:
    """Files by thread. Below `root` there is a folder for each thread, made with its first file.

    Without a `root` they are kept in a temporary folder, until `close`. Each file stands beside its facts, written
    last: what a crash cut off has none, and is not there. All methods that touch the disk do so in a worker thread.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()  # two files may come first

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
        folder = await asyncio.to_thread(self._folder, thread_id)
        file_id = new_id()
        target = folder / f"{file_id}{extension(name, mime or '')}"
        try:
            head, size = await self._write(source, target, limit)
            found = media_type(head, name, mime)
            shown = _shown_name(name) or f"file{extension('', found)}"
            facts = msgspec.json.encode({"name": shown, "mime": found, "bytes": size, "file": target.name})
            await asyncio.to_thread((folder / f"{file_id}{_FACTS}").write_bytes, facts)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return StoredFile(file_id, thread_id, shown, found, size, target)

    async def get(self, thread_id: str, file_id: str) -> StoredFile | None:
        """A file of a thread that is there, whoever says their ids: what cannot be one is not looked for."""
        return await asyncio.to_thread(self.find, thread_id, file_id)

    def find_url(self, url: str | None) -> StoredFile | None:
        """The file that `file_url` gave `url`; `None` for what is elsewhere or gone."""
        match = _URL.fullmatch(url or "")
        return None if match is None else self.find(match[1], match[2])

    async def delete(self, thread_id: str, file_id: str) -> None:
        """Forget a file. Idempotent."""
        file = await self.get(thread_id, file_id)
        if file is not None:
            (file.path.parent / f"{file_id}{_FACTS}").unlink(missing_ok=True)
            await asyncio.to_thread(file.path.unlink, missing_ok=True)

    async def delete_thread(self, thread_id: str) -> None:
        """Forget all files of a thread. Idempotent."""
        if self._base is not None:
            await asyncio.to_thread(shutil.rmtree, self._base / thread_id, ignore_errors=True)

    def close(self) -> None:
        """Forget what was kept for this process alone."""
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    @property
    def _base(self) -> Path | None:
        if self._root is not None:
            return self._root
        return None if self._temporary is None else Path(self._temporary.name)

    def _folder(self, thread_id: str) -> Path:
        with self._lock:
            if self._root is None and self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="convo-", ignore_cleanup_errors=True)
        base = self._base
        assert base is not None
        if not _ID.fullmatch(thread_id):
            raise ValueError(f"`{thread_id}` cannot be the id of a thread.")
        folder = base / thread_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def find(self, thread_id: str, file_id: str) -> StoredFile | None:
        """As `get`, for where a moment's wait does no harm."""
        if self._base is None or not _ID.fullmatch(thread_id) or not _ID.fullmatch(file_id):
            return None
        folder = self._base / thread_id
        try:
            known = msgspec.json.decode((folder / f"{file_id}{_FACTS}").read_bytes(), type=_Facts)
        except FileNotFoundError:
            return None
        return StoredFile(file_id, thread_id, known.name, known.mime, known.bytes, folder / known.file)

    async def _write(
        self, source: bytes | Path | AsyncIterator[bytes], target: Path, limit: int | None
    ) -> tuple[bytes, int]:
        """Write `source`; its first bytes, and how many there were."""
        if isinstance(source, bytes):
            await asyncio.to_thread(target.write_bytes, source)
            return source[:HEAD_BYTES], len(source)
        if isinstance(source, Path):
            await asyncio.to_thread(shutil.copyfile, source, target)
            return await asyncio.to_thread(_look, target)
        head, size = b"", 0
        with await asyncio.to_thread(target.open, "wb") as file:
            async for chunk in source:
                size += len(chunk)
                if limit is not None and size > limit:
                    raise FileTooLargeError(limit)
                if len(head) < HEAD_BYTES:
                    head += chunk[: HEAD_BYTES - len(head)]
                await asyncio.to_thread(file.write, chunk)
        return head, size


class FileTooLargeError(ValueError):
    """More bytes came than may; `limit` says how many."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"It has more than {limit:,} bytes.")
        self.limit = limit


class _Facts(msgspec.Struct):
    name: str
    mime: str
    bytes: int
    file: str


def _look(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES), path.stat().st_size


def _shown_name(name: str) -> str:
    """A name for people: the last part of what was given, without control characters."""
    name = "".join(character for character in name.replace("\\", "/").rpartition("/")[2] if character.isprintable())
    return name.strip()[-_NAME_LENGTH:]
