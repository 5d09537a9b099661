"""Files, both ways, in pieces: a large one is never whole in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import aclosing
from typing import IO, Any
from urllib.parse import urlsplit

import aiohttp
from convo.bridge import Attachment, Incoming
from convo.errors import PlatformBusyError, PlatformError

from convo_slack.calls import slack_call
from convo_slack.workspaces import Workspace

__all__ = ["SlackFiles", "alt_text"]

_PIECE = 2**16
_IN_MEMORY = 2**20
_PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
_HOSTS = ("slack.com", "slack-files.com", "slack-gov.com")
_NOT_THERE = frozenset({"tombstone", "hidden_by_limit"})


class SlackFiles:
    """What people upload, and what the app shows. `base_url` says which hosts are Slack's."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session = session
        self._own = urlsplit(base_url).netloc

    # --- From people ---

    async def incoming(self, workspace: Workspace, files: list[Mapping[str, Any]]) -> tuple[list[Incoming], list[str]]:
        """Those that can be read, and the others as links or names."""
        found, others = list[Incoming](), list[str]()
        for file in files:
            if file.get("file_access") == "check_file_info":  # of another organisation: the event says no more
                with slack_call("files.info"):
                    file = (await workspace.client.files_info(file=str(file["id"])))["file"]
            name = str(file.get("name") or file.get("title") or "file")
            url = str(file.get("url_private_download") or file.get("url_private") or "")
            if file.get("mode") in _NOT_THERE or not url:
                others.append(f"(a file that is not there any more: {name})")
            elif file.get("is_external") or file.get("mode") == "external" or not self.is_slacks(url):
                others.append(f"[{name}]({url})")
            else:
                found.append(
                    Incoming(
                        name=name,
                        open=lambda url=url: self._download(workspace, url),  # type: ignore[misc]
                        mime=file.get("mimetype"),
                        bytes=file.get("size"),
                    )
                )
        return found, others

    def is_slacks(self, url: str) -> bool:
        """Whether our token may be shown to a host."""
        parts = urlsplit(url)
        if parts.netloc == self._own:
            return True
        host = parts.hostname or ""
        return parts.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in _HOSTS)

    async def _download(self, workspace: Workspace, url: str) -> AsyncIterator[bytes]:
        headers = {"Authorization": f"Bearer {workspace.client.token}"}
        with slack_call("a download"):
            async with self._session.get(url, headers=headers, timeout=_PATIENCE, allow_redirects=False) as answer:
                if answer.status >= 500 or answer.status == 429:
                    raise PlatformBusyError(f"A file cannot be read at the moment ({answer.status})")
                if answer.status != 200 or (answer.content_type == "text/html" and not url.endswith((".html", ".htm"))):
                    raise PlatformError("A file cannot be read: the app needs the permission `files:read`.")
                async for piece in answer.content.iter_chunked(_PIECE):
                    yield piece

    # --- To people ---

    async def share(
        self,
        workspace: Workspace,
        attachment: Attachment,
        content: AsyncGenerator[bytes, None],
        *,
        channel: str,
        thread_ts: str | None,
    ) -> str:
        """Upload a file into a thread; its id. It is on disk meanwhile, since Slack wants to know its length first."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as held:
            async with aclosing(content):
                size = await _fill(held, content)
            if size == 0:
                raise PlatformError(f"The file `{attachment.name}` is empty.")
            with slack_call("files.getUploadURLExternal"):
                place = await workspace.client.files_getUploadURLExternal(
                    filename=attachment.name, length=size, alt_txt=alt_text(attachment)
                )
            await self._upload(str(place["upload_url"]), held, size)
            with slack_call("files.completeUploadExternal"):
                await workspace.client.files_completeUploadExternal(
                    files=[{"id": place["file_id"], "title": attachment.name}], channel_id=channel, thread_ts=thread_ts
                )
        return str(place["file_id"])

    async def _upload(self, url: str, held: IO[bytes], size: int) -> None:
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        try:
            async with self._session.post(url, data=_pieces(held), headers=headers, timeout=_PATIENCE) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise PlatformBusyError(f"A file could not be uploaded: {error}") from error  # nobody saw any of it
        if status == 429 or status >= 500:
            raise PlatformBusyError(f"A file could not be uploaded ({status})")
        if status != 200:
            raise PlatformError(f"Slack does not take a file ({status}).")


def alt_text(attachment: Attachment) -> str:
    """What screen readers say of a file. It ends in what tells it from others of its name."""
    return f"{attachment.name} ({attachment.id})"


async def _fill(held: IO[bytes], content: AsyncIterable[bytes]) -> int:
    size = 0
    async for piece in content:
        await asyncio.to_thread(held.write, piece)
        size += len(piece)
    return size


async def _pieces(held: IO[bytes]) -> AsyncIterator[bytes]:
    held.seek(0)
    while piece := await asyncio.to_thread(held.read, _PIECE):
        yield piece
