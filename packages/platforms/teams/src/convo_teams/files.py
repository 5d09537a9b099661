"""Files: those that people send, by the addresses Teams gives; and those of the app, which they agree to before."""

from __future__ import annotations

import asyncio
import base64
import io
import mimetypes
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin

import aiohttp
from convo.bridge import Attachment, Incoming, Part
from convo.errors import PlatformBusyError, PlatformError
from convo.protocol import CommandError

from convo_teams.connector import Activity
from convo_teams.hosts import is_at

__all__ = ["INLINE_BYTES", "consent_of", "incoming_of", "info_of", "inline_of", "is_inline", "upload"]

DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"

INLINE_BYTES = 60_000
"""A larger image does not fit into a message."""

_INLINE = frozenset({"image/png", "image/jpeg", "image/gif"})
_CHUNK = 32 * 320 * 1024  # uploads go in multiples of 320 KiB
_PIECE = 64 * 1024
_REDIRECTS = 5
_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=15, sock_read=60)


# --- What people send ---


def incoming_of(
    activity: Activity, file_hosts: Sequence[str], service_hosts: Sequence[str], token: Callable[[], Awaitable[str]]
) -> list[Incoming]:
    """The files of a message. Their bytes are read when they are asked for, from hosts of Teams alone."""
    files = []
    attachments = activity.get("attachments")
    for number, one in enumerate(attachments if isinstance(attachments, list) else ()):
        if not isinstance(one, Mapping):
            continue
        kind, name = str(one.get("contentType") or ""), str(one.get("name") or "")
        content = one.get("content")
        if kind == DOWNLOAD and isinstance(content, Mapping):
            url = content.get("downloadUrl")
            name = name or f"file-{number + 1}.{content.get('fileType') or 'bin'}"
            mime = mimetypes.guess_type(name)[0]
            files.append(Incoming(name, _download(url, file_hosts), mime))
        elif kind.startswith(("image/", "audio/", "video/")):
            mime = None if kind.endswith("/*") else kind
            name = name or f"file-{number + 1}{mimetypes.guess_extension(mime or 'image/png') or ''}"
            files.append(Incoming(name, _download(one.get("contentUrl"), service_hosts, token), mime))
    return files


def _download(
    url: Any, hosts: Sequence[str], token: Callable[[], Awaitable[str]] | None = None
) -> Callable[[], AsyncIterator[bytes]]:
    async def pieces() -> AsyncIterator[bytes]:
        headers = {} if token is None else {"Authorization": f"Bearer {await token()}"}
        async with _session() as session, _opened(session, url, hosts, headers) as response:
            async for piece in response.content.iter_chunked(_PIECE):
                yield piece

    return pieces


@asynccontextmanager
async def _opened(
    session: aiohttp.ClientSession, url: Any, hosts: Sequence[str], headers: Mapping[str, str]
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer of a host that may be asked, after redirections to such hosts. Raises `CommandError`."""
    try:
        for _ in range(_REDIRECTS):
            if not is_at(url, hosts):
                raise CommandError("invalid", "The file is not where Teams keeps files.")
            async with session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308):
                    url = urljoin(str(response.url), response.headers.get("Location", ""))
                    continue
                if response.status >= 500 or response.status == 429:
                    raise CommandError("unavailable", "Teams does not give the file at the moment.", retry_after=2.0)
                if response.status != 200:
                    raise CommandError("not-found", f"Teams does not give the file ({response.status}).")
                yield response
                return
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise CommandError("unavailable", f"The file cannot be fetched: {error}", retry_after=2.0) from error
    raise CommandError("invalid", "The file is moved around too often.")


# --- What the app sends ---


def is_inline(attachment: Attachment) -> bool:
    """Whether it is an image that a message can hold."""
    return attachment.mime in _INLINE and (attachment.bytes or INLINE_BYTES + 1) <= INLINE_BYTES


def inline_of(attachment: Attachment, content: bytes) -> Activity:
    """The message that shows an image."""
    url = f"data:{attachment.mime};base64,{base64.b64encode(content).decode()}"
    one = {"contentType": attachment.mime, "contentUrl": url, "name": attachment.name}
    return {"type": "message", "attachments": [one]}


def consent_of(part: Part, attachment: Attachment, size: int) -> Activity:
    """The question whether somebody wants a file: what he answers names the part, nothing else."""
    context = {"convo": part.key}
    content = {"description": "", "sizeInBytes": size, "acceptContext": context, "declineContext": context}
    return {"type": "message", "attachments": [{"contentType": CONSENT, "name": attachment.name, "content": content}]}


def info_of(upload_info: Mapping[str, Any]) -> Activity:
    """The message that shows a file which somebody has taken."""
    content = {"uniqueId": upload_info.get("uniqueId"), "fileType": upload_info.get("fileType")}
    one = {
        "contentType": INFO,
        "contentUrl": upload_info.get("contentUrl"),
        "name": upload_info.get("name"),
        "content": content,
    }
    return {"type": "message", "attachments": [one]}


async def upload(url: Any, pieces: AsyncIterator[bytes], size: int, hosts: Sequence[str]) -> None:
    """Put a file of `size` bytes where Teams says. Raises `PlatformError`, also for an address that is not Teams'."""
    if not is_at(url, hosts):
        raise PlatformError("The file is to be put where Teams keeps no files.")
    begin = 0
    async with _session() as session:
        async for chunk in _chunks(pieces):
            end = begin + len(chunk)
            headers = {"Content-Range": f"bytes {begin}-{end - 1}/{size}", "Content-Type": "application/octet-stream"}
            try:
                async with session.put(url, data=io.BytesIO(chunk), headers=headers, allow_redirects=False) as response:
                    status, text = response.status, await response.text()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise PlatformBusyError(f"The file cannot be put into OneDrive: {error}") from error
            if status == 429 or status >= 500:
                raise PlatformBusyError(f"OneDrive has answered {status}.")
            if status not in (200, 201, 202):
                raise PlatformError(f"OneDrive does not take the file: {status} {text[:200]}")
            begin = end


async def _chunks(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for piece in pieces:
        held += piece
        while len(held) >= _CHUNK:
            yield bytes(held[:_CHUNK])
            del held[:_CHUNK]
    if held:
        yield bytes(held)


@asynccontextmanager
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    context = await asyncio.to_thread(ssl.create_default_context)
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, auto_decompress=True) as session:
        yield session
