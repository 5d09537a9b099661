"""The storage in S3."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable, Coroutine
from contextlib import AsyncExitStack, aclosing, suppress
from typing import Any

from convo.errors import MisconfiguredError, NotFoundError
from convo.media import UNKNOWN
from convo.storage import Storage, StorageUrl, check_key, check_prefix, content_disposition, split_parts

from convo_s3.errors import translated

__all__ = ["S3Storage"]

logger = logging.getLogger("convo_s3")

PART_BYTES = 8 * 1024 * 1024  # of a large file that is sent in parts; S3 takes none below 5 MiB, and 10,000 of them
PIECE_BYTES = 256 * 1024
WAIT_SECONDS = 5  # for a connection


class S3Storage(Storage):
    """Keeps files as objects of a bucket, `s3://bucket/prefix?region=…&endpoint=…`.

    Credentials are found as all AWS tools find them. Raises `MisconfiguredError` for a URL that cannot be one.
    """

    def __init__(self, url: str) -> None:
        address = StorageUrl.parse(url, scheme="s3", options=("region", "endpoint"))
        self._bucket = address.bucket
        self._prefix = address.prefix
        self._region = address.options.get("region")
        self._endpoint = address.options.get("endpoint")
        self._stack = AsyncExitStack()
        self._client: Any = None

    async def open(self) -> None:
        # Here, because importing botocore opens a socket to see whether there is IPv6.
        from aiobotocore.config import AioConfig
        from aiobotocore.session import get_session

        options: dict[str, Any] = {}
        if self._endpoint is not None:  # others than AWS know neither its newest checksums nor hosts for buckets
            options = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
            options["s3"] = {"addressing_style": "path"}
        config = AioConfig(
            signature_version="s3v4",
            connect_timeout=WAIT_SECONDS,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 3},
            max_pool_connections=50,
            **options,
        )
        with translated(self._bucket):
            client = get_session().create_client(
                "s3", region_name=self._region, endpoint_url=self._endpoint, config=config
            )
            self._client = await self._stack.enter_async_context(client)
        await self._look()

    async def _look(self) -> None:
        """Raise `MisconfiguredError` when there is no such bucket. One that may not be looked at may still be used."""
        try:
            await self._call("head_bucket")
        except NotFoundError as error:
            raise MisconfiguredError(
                f"There is no bucket `{self._bucket}`; make it, or change `[storage] url`."
            ) from error
        except MisconfiguredError as error:
            if "(403)" not in str(error):
                raise

    async def close(self) -> None:
        await self._stack.aclose()

    async def put(self, key: str, source: AsyncIterable[bytes], *, mime: str = UNKNOWN) -> int:
        name = self._name(key)
        async with aclosing(split_parts(source, PART_BYTES)) as parts:
            part = await anext(parts)
            if len(part) < PART_BYTES:
                await self._call("put_object", key, Key=name, Body=part, ContentType=mime)
                return len(part)
            begun = await self._call("create_multipart_upload", key, Key=name, ContentType=mime)
            upload = {"Key": name, "UploadId": begun["UploadId"]}
            try:
                sent: list[dict[str, Any]] = []
                size = 0
                while part:
                    number = len(sent) + 1
                    told = await self._call("upload_part", key, **upload, PartNumber=number, Body=part)
                    sent.append({"PartNumber": number, "ETag": told["ETag"]})
                    size += len(part)
                    part = b""  # not held while the next one comes
                    part = await anext(parts, b"")
                await self._call("complete_multipart_upload", key, **upload, MultipartUpload={"Parts": sent})
            except BaseException:
                await _settled(self._call("abort_multipart_upload", key, **upload))
                raise
        return size

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        if end is not None and end <= start:  # S3 knows no range of nothing
            await self._call("head_object", key, Key=self._name(key))
            return
        last = "" if end is None else end - 1
        answer = await self._get(key, {} if (start, end) == (0, None) else {"Range": f"bytes={start}-{last}"})
        if answer is None:
            return
        body = answer["Body"]
        try:
            while True:
                with translated(self._bucket, self._name(key)):
                    piece = await body.read(PIECE_BYTES)
                if not piece:
                    return
                yield piece
        finally:
            body.close()

    async def link(self, key: str, *, name: str, mime: str, inline: bool, seconds: int) -> str:
        params = {
            "Bucket": self._bucket,
            "Key": self._name(key),
            "ResponseContentType": mime,
            "ResponseContentDisposition": content_disposition(name, inline=inline),
        }
        with translated(self._bucket, self._name(key)):
            link: str = await self._client.generate_presigned_url("get_object", Params=params, ExpiresIn=seconds)
        return link

    async def size(self, key: str) -> int | None:
        try:
            head = await self._call("head_object", key, Key=self._name(key))
        except NotFoundError:
            return None
        return int(head["ContentLength"])

    async def delete(self, key: str) -> None:
        await self._call("delete_object", key, Key=self._name(key))

    async def delete_all(self, prefix: str) -> None:
        below = self._prefix + check_prefix(prefix)
        while True:
            with translated(self._bucket, below):
                page = await self._client.list_objects_v2(Bucket=self._bucket, Prefix=below)
            names = [{"Key": one["Key"]} for one in page.get("Contents", ())]
            if not names:
                return
            answer = await self._call("delete_objects", Delete={"Objects": names, "Quiet": True})
            if refused := answer.get("Errors"):
                raise MisconfiguredError(
                    f"The storage (`s3://{self._bucket}/{refused[0].get('Key')}`) refused to delete: "
                    f"{refused[0].get('Message')}"
                )

    async def _call(self, operation: str, key: str = "", **params: Any) -> Any:
        with translated(self._bucket, f"{self._prefix}{key}"):
            return await getattr(self._client, operation)(Bucket=self._bucket, **params)

    async def _get(self, key: str, options: dict[str, str]) -> Any:
        """What S3 answers; `None` for a range beyond the last byte. Raises `NotFoundError`."""
        from botocore.exceptions import ClientError

        name = self._name(key)
        with translated(self._bucket, name):
            try:
                return await self._client.get_object(Bucket=self._bucket, Key=name, **options)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == "InvalidRange":
                    return None
                raise

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)


async def _settled(cleaning: Coroutine[Any, Any, Any]) -> None:
    """Wait for `cleaning`, also when cancelled meanwhile; when it fails, what led to it is what is told."""
    task = asyncio.ensure_future(cleaning)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    if (error := task.exception()) is not None:
        logger.warning("Parts of a file may be left in the storage: %s", error)
