"""Files: what people send on Discord, and what is sent to them. Neither is ever whole in memory."""

from __future__ import annotations

import asyncio
import mimetypes
import re
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
from convo.bridge import Attachment, Incoming
from convo.protocol import CommandError

__all__ = ["file_name", "incoming", "spooled"]

_PIECE = 256 * 1024
_SPOOLED = 1_000_000  # bytes of a file that need no disk
_SILENCE_SECONDS = 60.0


def incoming(attachment: Mapping[str, Any], http: str | None = None) -> Incoming:
    """A file of a message, as the gateway describes it. `http` is the address of a proxy."""
    url = str(attachment["url"])
    return Incoming(
        name=str(attachment.get("filename") or "file"),
        open=lambda: _download(url, http),
        mime=attachment.get("content_type"),
        bytes=attachment.get("size"),
    )


async def _download(url: str, proxy: str | None) -> AsyncGenerator[bytes, None]:
    """The bytes of a file of Discord's. Raises `CommandError`."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_SILENCE_SECONDS, sock_read=_SILENCE_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, proxy=proxy) as response:
            if response.status in (403, 404, 410):
                raise CommandError("not-found", "The file is not there any more.", key="fileGone")
            if response.status != 200:
                raise CommandError("unavailable", f"Discord does not give the file ({response.status}).")
            async for piece in response.content.iter_chunked(_PIECE):
                yield piece
    except (aiohttp.ClientError, TimeoutError) as error:
        raise CommandError("unavailable", "The file could not be fetched from Discord.") from error


@asynccontextmanager
async def spooled(pieces: AsyncIterator[bytes], attachment: Attachment) -> AsyncIterator[discord.File]:
    """A file for discord.py, which reads it more than once; large ones are on the disk meanwhile."""
    kept: Any = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115 - closed below
    close = kept.close  # discord.py takes it away
    try:
        async for piece in pieces:
            await asyncio.to_thread(kept.write, piece)
        kept.seek(0)
        yield discord.File(kept, filename=file_name(attachment))
    finally:
        close()


def file_name(attachment: Attachment) -> str:
    """A name by which Discord knows what to show: with a suffix."""
    name = re.sub(r"[^\w.\- ()]+", "_", attachment.name).strip(". ")[-100:] or attachment.kind
    if re.search(r"\.\w{1,8}$", name):
        return name
    return f"{name}{mimetypes.guess_extension(attachment.mime or '') or ''}"
