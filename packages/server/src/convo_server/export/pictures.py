"""Pictures: images of a thread as `data:` addresses, as far as a file may hold them."""

from __future__ import annotations

import re
from base64 import b64encode
from contextlib import aclosing

from convo.directory import Directory
from convo.principal import Principal
from convo.protocol import CommandError, Element

__all__ = ["PICTURE_BYTES", "Pictures"]

PICTURE_BYTES = 1024 * 1024
"""A larger image is named in the file, and not in it."""
TOTAL_BYTES = 16 * 1024 * 1024
"""Images beyond that are named only, too."""

_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/svg+xml"})
_DATA = re.compile(r"data:image/(png|jpeg|gif|webp|avif|svg\+xml);base64,[A-Za-z0-9+/=]+")


class Pictures:
    """Those that go into one file, for one who may read them."""

    def __init__(self, directory: Directory, principal: Principal) -> None:
        self._directory = directory
        self._principal = principal
        self._left = TOTAL_BYTES

    async def read(self, element: Element) -> str | None:
        """The image as a `data:` address; `None` for one that is too large, elsewhere, or cannot be read."""
        url = element.url or ""
        if url.startswith("data:"):
            fits = len(url) <= min(PICTURE_BYTES, self._left) and _DATA.fullmatch(url) is not None
            self._left -= len(url) if fits else 0
            return url if fits else None
        named = self._directory.files.at(url, name=element.name, mime=element.mime, bytes=element.bytes)
        if named is None:
            return None
        try:
            file = await self._directory.read_file(self._principal, named.thread_id, named.id)
            if file.mime not in _TYPES or file.bytes > min(PICTURE_BYTES, self._left):
                return None
            content = bytearray()
            async with aclosing(self._directory.read_content(file)) as pieces:
                async for piece in pieces:
                    content += piece
        except CommandError:  # the file is not there any more: its name is shown, as in the page
            return None
        self._left -= len(content)
        return f"data:{file.mime};base64,{b64encode(content).decode()}"
