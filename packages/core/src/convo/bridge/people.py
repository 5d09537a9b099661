"""People: the users whom a platform's authors are."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from convo.bridge.place import Author
from convo.directory import Directory
from convo.errors import DataLayerError, IdentifierTakenError
from convo.principal import Principal
from convo.protocol import CommandError
from convo.user import User

if TYPE_CHECKING:
    from convo.bridge.settings import PlatformSettings

__all__ = ["People"]

logger = logging.getLogger("convo.bridge")

_REMEMBERED = 10_000  # who need not be looked up again
_FRESH_SECONDS = 300.0  # until they are


class People:
    """Those of one platform. Somebody's identity is (platform, his id there), as that of a log-in elsewhere."""

    def __init__(self, platform: str, settings: PlatformSettings, directory: Directory) -> None:
        self._platform = platform
        self._settings = settings
        self._directory = directory
        self._known: dict[str, tuple[Principal, Author, float]] = {}  # by the author's id

    async def principal(self, author: Author) -> Principal:
        """Who an author is. Raises `CommandError`: `conflict` if another has his identifier, `unavailable`."""
        known = self._known.get(author.id)
        if known is not None and known[1] == author and time.monotonic() - known[2] < _FRESH_SECONDS:
            return known[0]
        sign_ins, auth = self._directory.data_layer.sign_ins, self._directory.config.auth
        try:
            stored = await sign_ins.identify(
                self._platform, author.id, self._user(author), is_linking=auth.link_by_identifier
            )
        except IdentifierTakenError as error:
            raise CommandError("conflict", str(error)) from error
        except DataLayerError as error:
            logger.error("%s: the user `%s` cannot be looked up: %s", self._platform, author.id, error)
            raise CommandError(
                "unavailable", "History cannot be read at the moment.", key="historyDown", retry_after=2.0
            ) from error
        principal = Principal(stored.id, stored)
        if len(self._known) >= _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[author.id] = (principal, author, time.monotonic())
        return principal

    def _user(self, author: Author) -> User:
        identifier = f"{self._platform}:{author.id}"
        if self._settings.user_by == "email" and author.email is not None:
            identifier = author.email
        return User(identifier, display_name=author.name, metadata={"provider": self._platform, **author.profile})
