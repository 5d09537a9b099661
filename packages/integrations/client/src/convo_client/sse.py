"""Server-sent events, read from bytes.

Lines end with a line feed alone here: readers of text also split at U+2028 and its like, which JSON may hold.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

__all__ = ["read_messages"]


async def read_messages(pieces: AsyncIterator[bytes]) -> AsyncIterator[tuple[str, bytes]]:
    """Each message's name and data, however the bytes are cut. What is not whole at the end is dropped."""
    name, data, line = "message", list[bytes](), list[bytes]()
    async for piece in pieces:
        *ends, rest = piece.split(b"\n")
        for end in ends:
            text = b"".join([*line, end]).removesuffix(b"\r")
            line.clear()
            field, _, value = text.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"event":
                name = value.decode()
            elif field == b"data":
                data.append(value)
            elif not text:
                if data:
                    yield name, b"\n".join(data)
                name, data = "message", []
        if rest:
            line.append(rest)
