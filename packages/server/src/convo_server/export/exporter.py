"""The exporter: a thread as a file, piece by piece, for whoever may read it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from convo.datalayer import StoredThread
from convo.directory import Directory
from convo.language import ENGLISH, Language
from convo.principal import Principal
from convo.protocol import CommandError, Snapshot, State, timestamp
from convo.run import Client

from convo_server.export.document import HtmlDocument, Picture
from convo_server.export.facts import file_name
from convo_server.export.markdown import MarkdownDocument
from convo_server.export.pictures import Pictures
from convo_server.export.record import Record
from convo_server.export.transcript import Transcript

__all__ = ["FORMATS", "Export", "Exporter", "Format"]

Format = Literal["markdown", "html", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)

_PIECE = 32 * 1024  # characters, about, that are written before others have a turn
_TYPES: dict[Format, tuple[str, str]] = {
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "html": ("text/html; charset=utf-8", "html"),
    "json": ("application/json", "json"),
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is being written: its name, its type, and its content as it comes."""

    name: str
    mime: str
    pieces: AsyncGenerator[bytes, None]


class Exporter:
    """Exports threads of a `Directory`: what the owner's page shows of them, live or stored. Makes no session.

    Writing is work for the processor. It is done in a worker thread, a piece of one thread at a time, however many are
    wanted: chats go on meanwhile.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._writing = asyncio.Lock()

    async def export(
        self,
        principal: Principal,
        thread_id: str,
        format: str,
        *,
        base: str | None = None,
        language: Language = ENGLISH,
    ) -> Export:
        """A thread in one of `FORMATS`, with what the app says in it in `language`.

        `base` is where the app is, ending with `/`; without it files have no links.

        Raises `CommandError`: `not-found`, `unavailable`, and `invalid` for another format.
        """
        known = next((one for one in FORMATS if one == format), None)
        if known is None:
            raise CommandError("invalid", f"`format` is one of {', '.join(f'`{one}`' for one in FORMATS)}.")
        frame = await self._directory.read(principal, thread_id)
        assert isinstance(frame, Snapshot)
        state: State = frame.state
        client = Client(user=principal.user, principal_id=principal.id)
        config = await self._directory.config_of(StoredThread(principal.id, state), client)
        app, now = config.project.name, timestamp()
        source: Iterator[str | Picture]
        if known == "json":
            source = Record(state, app=app, exported_at=now).pieces()
        else:
            transcript = await asyncio.to_thread(Transcript, state)
            writer = MarkdownDocument if known == "markdown" else HtmlDocument
            source = iter(writer(transcript, app=app, base=base, exported_at=now, language=language).pieces())
        mime, ending = _TYPES[known]
        pictures = Pictures(self._directory, principal)
        return Export(file_name(state.thread.name, ending, language), mime, self._written(source, pictures))

    async def _written(self, source: Iterator[str | Picture], pictures: Pictures) -> AsyncGenerator[bytes, None]:
        picture: Picture | None = None
        is_whole = False
        while not is_whole:
            async with self._writing:
                text, picture, is_whole = await asyncio.to_thread(_next, source)
            yield text
            if picture is not None:
                yield picture.shown(await pictures.read(picture.element)).encode()


def _next(source: Iterator[str | Picture]) -> tuple[bytes, Picture | None, bool]:
    """A piece of text, the picture that follows it, if one does, and whether that was all."""
    parts: list[str] = []
    length = 0
    for part in source:
        if isinstance(part, Picture):
            return "".join(parts).encode("utf-8", "replace"), part, False
        parts.append(part)
        length += len(part)
        if length >= _PIECE:
            return "".join(parts).encode("utf-8", "replace"), None, False
    return "".join(parts).encode("utf-8", "replace"), None, True
