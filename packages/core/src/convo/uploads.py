"""Uploads: files a user has sent and that belong to no message yet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from convo.errors import DataLayerError
from convo.files import Files, FileTooLargeError, StoredFile
from convo.media import accepts, element_type
from convo.protocol import Ask, CommandError, Element, new_id
from convo.quota import Quota

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["Uploads", "element_for"]

logger = logging.getLogger("convo.uploads")

_WAITING = 2  # times as many as a message may have may wait to be sent


class Uploads:
    """Those of one session. What nobody sends is forgotten with it."""

    def __init__(self, files: Files, thread_id: str, quota: Quota) -> None:
        self._files = files
        self._quota = quota
        self._thread_id = thread_id
        self._waiting: dict[str, tuple[StoredFile, str | None]] = {}  # with the ask they answer
        self._coming = 0

    async def receive(
        self, source: AsyncIterator[bytes], *, name: str, mime: str | None, ask: Ask | None, config: Config
    ) -> StoredFile:
        """Keep a file as it comes, for a message or to answer `ask`.

        Raises `CommandError`: `unsupported` where an app takes none, `too-large`, `rate-limited` beyond the user's
        quota, and `invalid` for one that is not what it says or not among what is asked for.
        """
        limit, most, accept = _limits(ask, config)
        if len(self._waiting) + self._coming >= _WAITING * most:
            raise CommandError(
                "too-large", "Too many files wait to be sent; send the message or remove some.", key="manyFiles"
            )
        self._coming += 1
        taken = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal taken
            async for piece in source:
                self._quota.take_upload(len(piece))
                taken += len(piece)
                yield piece

        try:
            file = await self._files.put(self._thread_id, counted(), name=name, mime=mime, limit=limit)
            taken -= file.bytes  # which count until it is sent
        except FileTooLargeError as error:
            raise CommandError(
                "too-large",
                f"A file may have {_megabytes(limit)} MB.",
                key="longFile",
                details={"limit": limit, "megabytes": limit / 1_000_000},
            ) from error
        except DataLayerError as error:
            logger.error("A file of the thread `%s` cannot be stored: %s", self._thread_id, error)
            raise CommandError(
                "unavailable", "Files cannot be stored at the moment.", key="filesUnkept", retry_after=5.0
            ) from error
        except ValueError as error:
            text = f"`{name}` cannot be sent: {error}."
            raise CommandError("invalid", text, key="badFile", details={"name": name}) from error
        finally:
            self._coming -= 1
            self._quota.give_back_upload(taken)
        if not accepts(accept, file.mime, file.name) or file.bytes == 0:
            self._quota.give_back_upload(file.bytes)
            await self._delete(file.id)
            if file.bytes == 0:
                raise CommandError("invalid", f"`{file.name}` is empty.", key="emptyFile", details={"name": file.name})
            raise CommandError(
                "invalid",
                f"`{file.name}` is `{file.mime}`; wanted is {', '.join(accept)}.",
                key="wrongFile",
                details={"name": file.name, "mime": file.mime, "accept": accept},
            )
        self._waiting[file.id] = (file, None if ask is None else ask.id)
        return file

    def take(self, ids: list[str], *, ask: Ask | None, config: Config) -> list[StoredFile]:
        """The files with these ids, which belong to a message or an answer now. All of them, or `CommandError`."""
        if not ids:
            return []
        _, most, _ = _limits(ask, config)
        if len(set(ids)) != len(ids) or len(ids) > most:
            text = f"At most {most} different files may be sent at a time."
            raise CommandError("invalid", text, key="mostFiles", details={"limit": most})
        wanted = None if ask is None else ask.id
        for file_id in ids:
            if file_id not in self._waiting or self._waiting[file_id][1] != wanted:
                text = "A file of this message is not there (any more); attach it again."
                raise CommandError("not-found", text, key="fileLost")
        files = [self._waiting.pop(file_id)[0] for file_id in ids]
        self._quota.give_back_upload(sum(file.bytes for file in files))
        return files

    def give_back(self, files: list[StoredFile]) -> None:
        """The message they belonged to was taken back."""
        self._waiting.update((file.id, (file, None)) for file in files)
        self._quota.upload_bytes += sum(file.bytes for file in files)

    async def discard(self, file_id: str) -> None:
        """Forget a file that was not sent. Idempotent."""
        waiting = self._waiting.pop(file_id, None)
        if waiting is not None:
            self._quota.give_back_upload(waiting[0].bytes)
            await self._delete(file_id)

    async def _delete(self, file_id: str) -> None:
        """Nobody waits for this, so nobody is told when it fails."""
        try:
            await self._files.delete(self._thread_id, file_id)
        except DataLayerError as error:
            logger.warning("The file `%s/%s` is left in the storage: %s", self._thread_id, file_id, error)

    async def close(self) -> None:
        """Forget what was not sent."""
        await asyncio.gather(*(self.discard(file_id) for file_id in list(self._waiting)))


def element_for(file: StoredFile, step_id: str, by: str | None) -> Element:
    """A user's file as the element that is shown with their message."""
    kind = element_type(file.mime)
    return Element(
        id=new_id(),
        type=kind,
        name=file.name,
        for_id=step_id,
        by=by,
        url=file.info.url,
        mime=file.mime,
        bytes=file.bytes,
        size="medium" if kind in ("image", "video") else None,
    )


def _limits(ask: Ask | None, config: Config) -> tuple[int, int, list[str]]:
    """How many bytes a file may have, how many may come at a time, and of what kinds."""
    if ask is not None:
        return ask.spec["maxBytes"], ask.spec["maxFiles"], ask.spec["accept"]
    uploads = config.features.uploads
    if not uploads.enabled:
        raise CommandError("unsupported", "This app takes no files.", key="noFiles")
    return int(uploads.max_size_mb * 1_000_000), uploads.max_files, [one.lower() for one in uploads.accept]


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:g}"
