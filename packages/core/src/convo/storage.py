"""The port to bytes: what a storage promises. `convo.testing.StorageSuite` is its contract as tests."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from convo.errors import MisconfiguredError
from convo.media import UNKNOWN

__all__ = ["Storage", "StorageUrl", "check_key", "check_prefix", "content_disposition", "split_parts"]

_KEY = re.compile(r"(?!.*/[./])[A-Za-z0-9_-][A-Za-z0-9_./-]{0,511}(?<![/.])")
_ENDPOINT = re.compile(r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?")
_UNSAFE = re.compile(r"[^\x20-\x7e]|[\"\\%]")


class Storage(ABC):
    """Keeps bytes under keys, as `thread/file.csv`, that the server makes: letters, digits, `-`, `_`, `.` and `/`.

    All methods raise `DataLayerError`: `UnavailableError` for "could not look", never "not there". However large what
    is kept, a few MB of it are in memory at a time.
    """

    is_durable: bool = True
    """Whether what is kept outlives the process."""

    async def open(self) -> None:  # noqa: B027 - optional to override
        """Get ready. Called once before anything else."""

    async def close(self) -> None:  # noqa: B027 - optional to override
        """Let go of connections. Called once, last."""

    @abstractmethod
    async def put(self, key: str, source: AsyncIterable[bytes], *, mime: str = UNKNOWN) -> int:
        """Keep what `source` brings in place of what was there, and say how many bytes that is.

        Nobody sees it before it is whole. When `source` raises, or this is cancelled, nothing has happened.
        """

    @abstractmethod
    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` on, before `end`, piece by piece; beyond the last one there is nothing.

        Raises `NotFoundError`, with the first piece.
        """

    @abstractmethod
    async def link(self, key: str, *, name: str, mime: str, inline: bool, seconds: int) -> str | None:
        """An address where anybody may read it for `seconds`, as a file `name`, shown (`inline`) or downloaded.

        `None` where there can be none, so that the server streams. Whether there is such a key is not looked up.
        """

    @abstractmethod
    async def size(self, key: str) -> int | None:
        """How many bytes are kept; `None` when there is no such key."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Forget it. Idempotent."""

    @abstractmethod
    async def delete_all(self, prefix: str) -> None:
        """Forget all whose keys begin with `prefix`, which ends with `/`. Idempotent."""

    def path(self, key: str) -> Path | None:
        """Where its bytes lie on this machine, if there is such a key; `None` where they must be fetched."""
        return None


@dataclass(frozen=True, slots=True)
class StorageUrl:
    """A storage's address as people write it: `scheme://bucket/prefix?option=value`."""

    bucket: str
    prefix: str
    """Begins every key; empty, or ends with `/`."""
    options: dict[str, str]

    @classmethod
    def parse(cls, url: str, *, scheme: str, options: Sequence[str]) -> StorageUrl:
        """Raises `MisconfiguredError`, which says what can be written."""
        parts = urlsplit(url)
        bucket, prefix = parts.netloc, unquote(parts.path).strip("/")
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        like = f"write one like `{scheme}://bucket/prefix`"
        if parts.scheme != scheme or not re.fullmatch(r"[A-Za-z0-9._-]+", bucket) or parts.fragment:
            # What was written is not shown: it may hold a password.
            raise MisconfiguredError(f"`[storage] url` is no address of this storage; {like}.")
        if prefix and not _KEY.fullmatch(prefix):
            raise MisconfiguredError(
                f"The prefix `{prefix}` in `[storage] url` may have letters, digits, `-`, `_`, `.` and `/`; {like}."
            )
        if unknown := [name for name in given if name not in options]:
            known = ", ".join(f"`{name}`" for name in options)
            raise MisconfiguredError(f"`[storage] url` has no option `{unknown[0]}`; known are {known}.")
        if not _ENDPOINT.fullmatch(given.get("endpoint", "http://none")):
            raise MisconfiguredError("The `endpoint` in `[storage] url` is an address as `https://host:port`.")
        return cls(bucket, f"{prefix}/" if prefix else "", given)


def check_key(key: str) -> str:
    """`key`, if it is one. Raises `ValueError`."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"`{key}` is no key of a storage.")
    return key


def check_prefix(prefix: str) -> str:
    """`prefix`, if keys can be deleted by it. Raises `ValueError`."""
    if not prefix.endswith("/"):
        raise ValueError(f"The prefix `{prefix}` must end with `/`.")
    check_key(prefix[:-1])
    return prefix


async def split_parts(source: AsyncIterable[bytes], size: int) -> AsyncGenerator[bytes, None]:
    """The same bytes in parts of `size`, the last one of what is left; at least one, which may be empty."""
    waiting = bytearray()
    is_first = True
    async for piece in source:
        waiting += piece
        while len(waiting) >= size:
            part = bytes(memoryview(waiting)[:size])
            del waiting[:size]
            yield part
            del part  # whoever got it may let go of it while the next one comes
            is_first = False
    if waiting or is_first:
        yield bytes(waiting)


def content_disposition(name: str, *, inline: bool) -> str:
    """The header that names what is read, and says whether it is shown or downloaded. All ASCII, for any name."""
    kind = "inline" if inline else "attachment"
    plain = _UNSAFE.sub("_", name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
