"""The language of a page: which one its reader wants."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from convo import Config
from convo.folder import Folder
from convo.language import ENGLISH, Language, Languages, read_language
from starlette.requests import Request

__all__ = ["COOKIE", "choose", "wanted"]

COOKIE = "convo_language"
"""What a reader has chosen in the page; its script writes it."""

PSEUDO = "en-XA"
"""English that looks foreign, for authors with `debug`."""


async def choose(
    languages: Languages | None, request: Request, config: Config, folder: Folder, tag: str | None = None
) -> Language:
    """The reader's choice before the app's setting, and that before what his browser asks for; `tag` before all."""
    if languages is None:
        return ENGLISH
    if config.debug and request.cookies.get(COOKIE) == PSEUDO:
        return Language(PSEUDO, words=await asyncio.to_thread(languages.read, ENGLISH.tag))
    return await read_language(languages, [tag[:100]] if tag else wanted(request, config), folder.translations)


def wanted(request: Request, config: Config) -> Iterator[str]:
    """Tags, the first choice first."""
    if chosen := request.cookies.get(COOKIE):
        yield chosen
    if config.ui.language is not None:
        yield config.ui.language
    accepted = []
    for place, part in enumerate(request.headers.get("accept-language", "")[:500].split(",")):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if quality > 0:
            accepted.append((-quality, place, tag.strip()))
    for *_, tag in sorted(accepted):
        yield tag
