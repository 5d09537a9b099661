"""The storage in Azure Blob Storage."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

from convo.errors import MisconfiguredError, NotFoundError
from convo.media import UNKNOWN
from convo.protocol import new_id
from convo.storage import Storage, StorageUrl, check_key, check_prefix, content_disposition, split_parts

from convo_azure_blob.errors import translated

__all__ = ["AzureBlobStorage"]

SMALL_BYTES = 1024 * 1024  # of a file that is sent in one request, which aiohttp writes at once
PART_BYTES = 8 * 1024 * 1024  # of a large file that is sent in parts, of which there may be 50,000
PIECE_BYTES = 4 * 1024 * 1024  # of a file that is read: each is a request
WAIT_SECONDS = 5  # for a connection
DELETED_AT_ONCE = 50


class AzureBlobStorage(Storage):
    """Keeps files as block blobs of a container, `azure://container/prefix?account=…&endpoint=…`.

    Credentials are found as Azure's tools find them. Raises `MisconfiguredError` for a URL that cannot be one.
    """

    def __init__(self, url: str) -> None:
        address = StorageUrl.parse(url, scheme="azure", options=("account", "endpoint"))
        self._bucket = address.bucket
        self._prefix = address.prefix
        self._account = address.options.get("account")
        self._endpoint = address.options.get("endpoint")
        self._stack = AsyncExitStack()
        self._service: Any = None
        self._container: Any = None

    async def open(self) -> None:
        self._service = await self._stack.enter_async_context(await self._connect())
        self._container = self._service.get_container_client(self._bucket)
        with translated(self._bucket):
            await self._container.get_container_properties()

    async def _connect(self) -> Any:
        """A client of the account, by the first credentials that are found. Raises `MisconfiguredError`."""
        # Here, because importing a package of ours loads no vendor's libraries.
        from azure.storage.blob.aio import BlobServiceClient, ExponentialRetry

        options: dict[str, Any] = {
            "retry_policy": ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=2),
            "connection_timeout": WAIT_SECONDS,
            "read_timeout": 60,
            "max_single_get_size": PIECE_BYTES,
            "max_chunk_get_size": PIECE_BYTES,
        }
        connection = os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
        if connection and self._account is None and self._endpoint is None:
            try:
                return BlobServiceClient.from_connection_string(connection, **options)
            except ValueError as error:
                raise MisconfiguredError(f"`AZURE_STORAGE_CONNECTION_STRING` cannot be used: {error}") from error
        account = self._account or os.environ.get("AZURE_STORAGE_ACCOUNT")
        if account is None:
            raise MisconfiguredError(
                "`[storage] url` names no account; end it with `?account=…`, or set `AZURE_STORAGE_CONNECTION_STRING`."
            )
        endpoint = self._endpoint or f"https://{account}.blob.core.windows.net"
        key = os.environ.get("AZURE_STORAGE_KEY")
        if key:
            credential: Any = {"account_name": account, "account_key": key}
        else:
            from azure.identity.aio import DefaultAzureCredential

            credential = await self._stack.enter_async_context(DefaultAzureCredential())
        return BlobServiceClient(endpoint, credential=credential, **options)

    async def close(self) -> None:
        await self._stack.aclose()

    async def put(self, key: str, source: AsyncIterable[bytes], *, mime: str = UNKNOWN) -> int:
        from azure.storage.blob import BlobBlock, ContentSettings

        blob, settings = self._blob(key), ContentSettings(content_type=mime)
        async with aclosing(split_parts(source, PART_BYTES)) as parts:
            part = await anext(parts)
            if len(part) <= SMALL_BYTES:
                with translated(self._bucket, blob.blob_name):
                    await blob.upload_blob(part, length=len(part), overwrite=True, content_settings=settings)
                return len(part)
            # Parts that are never committed cannot be seen, and Azure forgets them after a week.
            upload = new_id()
            sent: list[str] = []
            size = 0
            while part:
                sent.append(f"{upload}-{len(sent):06}")
                with translated(self._bucket, blob.blob_name):
                    await blob.stage_block(sent[-1], io.BytesIO(part), length=len(part))
                size += len(part)
                part = b""  # not held while the next one comes
                part = await anext(parts, b"")
        with translated(self._bucket, blob.blob_name):
            await blob.commit_block_list([BlobBlock(one) for one in sent], content_settings=settings)
        return size

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        from azure.core.exceptions import HttpResponseError

        blob = self._blob(key)
        with translated(self._bucket, blob.blob_name):
            if end is not None and end <= start:  # Azure knows no range of nothing
                await blob.get_blob_properties()
                return
            try:
                if (start, end) == (0, None):
                    stream = await blob.download_blob()
                else:
                    stream = await blob.download_blob(offset=start, length=None if end is None else end - start)
            except HttpResponseError as error:
                if error.status_code == 416:
                    return
                raise
            pieces = stream.chunks()
        while True:
            with translated(self._bucket, blob.blob_name):
                piece: bytes | None = await anext(pieces, None)
            if piece is None:
                return
            yield piece

    async def link(self, key: str, *, name: str, mime: str, inline: bool, seconds: int) -> str | None:
        from azure.storage.blob import BlobSasPermissions, generate_blob_sas

        account_key = getattr(self._service.credential, "account_key", None)
        if account_key is None:
            return None
        blob = self._blob(key)
        signed = generate_blob_sas(
            account_name=blob.account_name,
            container_name=self._bucket,
            blob_name=blob.blob_name,
            account_key=account_key,
            permission=BlobSasPermissions(read=True),
            expiry=datetime.now(UTC) + timedelta(seconds=seconds),
            content_disposition=content_disposition(name, inline=inline),
            content_type=mime,
        )
        return f"{blob.url}?{signed}"

    async def size(self, key: str) -> int | None:
        blob = self._blob(key)
        try:
            with translated(self._bucket, blob.blob_name):
                return int((await blob.get_blob_properties()).size)
        except NotFoundError:
            return None

    async def delete(self, key: str) -> None:
        await self._delete(self._prefix + check_key(key))

    async def delete_all(self, prefix: str) -> None:
        below = self._prefix + check_prefix(prefix)
        with translated(self._bucket, below):
            names = [name async for name in self._container.list_blob_names(name_starts_with=below)]
        for first in range(0, len(names), DELETED_AT_ONCE):
            await asyncio.gather(*(self._delete(name) for name in names[first : first + DELETED_AT_ONCE]))

    async def _delete(self, name: str) -> None:
        try:
            with translated(self._bucket, name):
                await self._container.delete_blob(name, delete_snapshots="include")
        except NotFoundError:
            return

    def _blob(self, key: str) -> Any:
        return self._container.get_blob_client(self._prefix + check_key(key))
