"""The words: what users read in a question, in their language."""

from __future__ import annotations

import asyncio

from convo import App
from convo.language import Language, Languages, load_languages, read_language
from convo.session import Session

__all__ = ["Words"]


class Words:
    """Those of an App, which may have put its own in the place of ours."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._languages: Languages | None = None

    async def of(self, chat: Session) -> Language:
        """The language of whose command the current run does, else that of the App."""
        if self._languages is None:
            self._languages = await asyncio.to_thread(load_languages)
        wanted = [tag for tag in (chat.client.language, chat.config.ui.language) if tag is not None]
        return await read_language(self._languages, [tag[:100] for tag in wanted], self._app.folder.translations)
