"""The storage in Google Cloud Storage."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import Any, ParamSpec, TypeVar

from convo.errors import MisconfiguredError, NotFoundError
from convo.media import UNKNOWN
from convo.storage import Storage, StorageUrl, check_key, check_prefix, content_disposition, split_parts

from convo_gcs.errors import translated
from convo_gcs.feed import Feed

__all__ = ["GCSStorage"]

P = ParamSpec("P")
T = TypeVar("T")

PART_BYTES = 4 * 1024 * 1024  # of a large file that is sent in parts; Google wants multiples of 256 KiB
PIECE_BYTES = 4 * 1024 * 1024  # of a file that is read: each is a request
WAIT_SECONDS = (5, 60)  # for a connection, and for its answer
RETRY_SECONDS = 10  # for how long a request is tried again
THREADS = 32  # that wait for Google at a time; others queue


class GCSStorage(Storage):
    """Keeps files as objects of a bucket, `gs://bucket/prefix?endpoint=…`.

    Credentials are found as all of Google's libraries find them. Raises `MisconfiguredError` for a URL that cannot be
    one.
    """

    def __init__(self, url: str) -> None:
        address = StorageUrl.parse(url, scheme="gs", options=("endpoint",))
        self._bucket = address.bucket
        self._prefix = address.prefix
        self._endpoint = address.options.get("endpoint")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="convo-gcs")
        self._client: Any = None
        self._options: dict[str, Any] = {}

    async def open(self) -> None:
        self._client = await self._do("", self._connect)
        try:
            is_there = await self._do("", self._client.bucket(self._bucket).exists, **self._options)
        except MisconfiguredError as error:
            if "403" not in str(error):  # a bucket that may not be looked at may still be used
                raise
            return
        if not is_there:
            raise MisconfiguredError(f"There is no bucket `{self._bucket}`; make it, or change `[storage] url`.")

    def _connect(self) -> Any:
        # Here, because importing a package of ours loads no vendor's libraries.
        from google.cloud.storage import Client
        from google.cloud.storage.retry import DEFAULT_RETRY

        self._options = {"timeout": WAIT_SECONDS, "retry": DEFAULT_RETRY.with_timeout(RETRY_SECONDS)}
        if self._endpoint is None:
            return Client(project=None)
        needs_credentials = "GOOGLE_APPLICATION_CREDENTIALS" in os.environ
        options = {"api_endpoint": self._endpoint}
        return Client(project=None, client_options=options, use_auth_w_custom_endpoint=needs_credentials)

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        if self._client is not None:
            self._client.close()

    async def put(self, key: str, source: AsyncIterable[bytes], *, mime: str = UNKNOWN) -> int:
        blob = self._blob(key)
        async with aclosing(split_parts(source, PART_BYTES)) as parts:
            part = await anext(parts)
            if len(part) < PART_BYTES:
                await self._do(blob.name, blob.upload_from_string, part, content_type=mime, **self._options)
                return len(part)
            feed = Feed(part)
            del part  # not held while the next ones come
            blob.chunk_size = PART_BYTES
            send = self._do(blob.name, blob.upload_from_file, feed, content_type=mime, **self._options)
            sending: asyncio.Future[None] = asyncio.ensure_future(send)
            try:
                await feed.fill(parts, sending)
                await asyncio.shield(sending)
            except BaseException:
                # What was not sent to its end cannot be seen, and Google forgets it after a week.
                feed.abort()
                await asyncio.wait([sending])
                if not sending.cancelled():
                    sending.exception()
                raise
        return feed.size

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        blob = self._blob(key)
        if end is not None and end <= start:  # Google knows no range of nothing
            await self._do(blob.name, blob.reload, **self._options)
        while end is None or start < end:
            wanted = PIECE_BYTES if end is None else min(PIECE_BYTES, end - start)
            piece = await self._do(blob.name, self._piece, blob, start, start + wanted - 1)
            if piece:
                yield piece
            if len(piece) < wanted:
                return
            start += wanted

    def _piece(self, blob: Any, first: int, last: int) -> bytes:
        from google.api_core.exceptions import RequestRangeNotSatisfiable

        try:
            piece: bytes = blob.download_as_bytes(start=first, end=last, raw_download=True, **self._options)
        except RequestRangeNotSatisfiable:
            return b""
        return piece

    async def link(self, key: str, *, name: str, mime: str, inline: bool, seconds: int) -> str | None:
        blob = self._blob(key)
        sign = partial(
            blob.generate_signed_url,
            version="v4",
            expiration=timedelta(seconds=seconds),
            method="GET",
            response_disposition=content_disposition(name, inline=inline),
            response_type=mime,
        )
        try:
            link: str = await self._do(blob.name, sign)
        except AttributeError:  # these credentials hold no key to sign with
            return None
        return link

    async def size(self, key: str) -> int | None:
        blob = self._blob(key)
        try:
            await self._do(blob.name, blob.reload, **self._options)
        except NotFoundError:
            return None
        return int(blob.size)

    async def delete(self, key: str) -> None:
        await self._delete(self._blob(key))

    async def delete_all(self, prefix: str) -> None:
        below = self._prefix + check_prefix(prefix)

        def look() -> list[Any]:
            return list(self._client.list_blobs(self._bucket, prefix=below, **self._options))

        await asyncio.gather(*(self._delete(blob) for blob in await self._do(below, look)))

    async def _delete(self, blob: Any) -> None:
        try:
            await self._do(blob.name, blob.delete, **self._options)
        except NotFoundError:
            return

    def _blob(self, key: str) -> Any:
        return self._client.bucket(self._bucket).blob(self._prefix + check_key(key))

    async def _do(self, name: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it in a thread, and wait for that even when cancelled: nothing of it happens afterwards."""
        task = asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *args, **kwargs))
        with translated(self._bucket, name):
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                await asyncio.wait([task])
                raise
