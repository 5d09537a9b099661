"""Workspaces: where the app is installed, and who is there."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from convo.bridge import Author
from convo.errors import PlatformError, PlatformGoneError
from slack_sdk.web.async_client import AsyncWebClient

from convo_slack.calls import slack_call
from convo_slack.installations import Installation, Installations
from convo_slack.settings import SlackSettings

__all__ = ["NotInstalledError", "Workspace", "Workspaces"]

_FRESH_SECONDS = 900.0  # until somebody's profile is looked up again
_REMEMBERED = 5_000
_API_SECONDS = 30.0


@dataclass
class Workspace:
    """One where the app is installed. `user_id` and `bot_id` are what the app is called there."""

    team_id: str
    client: AsyncWebClient
    user_id: str
    bot_id: str
    enterprise_id: str | None = None
    people: dict[str, tuple[Author, float]] = field(default_factory=dict)

    async def author(self, user_id: str) -> Author:
        """Who somebody is; where Slack does not tell, his id alone."""
        known = self.people.get(user_id)
        if known is not None and time.monotonic() - known[1] < _FRESH_SECONDS:
            return known[0]
        try:
            with slack_call("users.info"):
                found = await self.client.users_info(user=user_id, include_locale=True)
            author = _author(self, user_id, found.get("user") or {})
        except PlatformError:
            return known[0] if known is not None else Author(f"{self.team_id}:{user_id}", user_id)
        if len(self.people) >= _REMEMBERED:
            self.people.pop(next(iter(self.people)))
        self.people[user_id] = (author, time.monotonic())
        return author

    async def names(self, user_ids: set[str]) -> dict[str, str]:
        """What people are called, by their ids."""
        ids = sorted(user_ids)
        authors = await asyncio.gather(*(self.author(user_id) for user_id in ids))
        return {user_id: author.name for user_id, author in zip(ids, authors, strict=True)}


class Workspaces:
    """All of them: the one of `bot_token`, and those that have installed the app."""

    def __init__(self, settings: SlackSettings, installations: Installations) -> None:
        self._settings = settings
        self._installations = installations
        self._known: dict[str, Workspace] = {}
        self._opening = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._only: Workspace | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """For files. It lives from `open` to `close`."""
        assert self._session is not None, "a bridge is opened before it is used"
        return self._session

    async def open(self) -> None:
        """Raises `PlatformDeniedError` for a token that is wrong, `PlatformBusyError` where Slack cannot be asked."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_API_SECONDS))
        if self._only is None and self._settings.bot_token is not None:
            self._only = await self._made(self._settings.bot_token.get_secret_value())
            self._known[self._only.team_id] = self._only

    async def close(self) -> None:
        """Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def client(self, token: str | None = None) -> AsyncWebClient:
        """A client that never tries again by itself: a bridge does, once it knows whether it has to."""
        return AsyncWebClient(token, base_url=self._settings.base_url, session=self.session, retry_handlers=[])

    async def get(self, team_id: str, enterprise_id: str | None = None) -> Workspace:
        """Raises `NotInstalledError` for one that has not installed the app."""
        if (known := self._known.get(team_id)) is not None:
            return known
        async with self._opening:
            if (known := self._known.get(team_id)) is not None:
                return known
            found = await asyncio.to_thread(self._installations.find, team_id, enterprise_id)
            if found is None:
                raise NotInstalledError(f"The app is not installed in the Slack workspace `{team_id}`.")
            self._known[team_id] = workspace = await self._made(found.token, team_id)
            return workspace

    async def add(self, installation: Installation) -> None:
        """Keep what an installation gave."""
        await asyncio.to_thread(self._installations.save, installation)
        self._known.pop(installation.team_id or "", None)

    async def remove(self, team_id: str, enterprise_id: str | None = None) -> None:
        """The app was uninstalled there."""
        if self._only is None or self._only.team_id != team_id:
            self._known.pop(team_id, None)
        await asyncio.to_thread(self._installations.delete, team_id, enterprise_id)

    async def _made(self, token: str, team_id: str | None = None) -> Workspace:
        client = self.client(token)
        with slack_call("auth.test"):
            found = await client.auth_test()
        team, enterprise = team_id or found["team_id"], found.get("enterprise_id")
        return Workspace(team, client, found["user_id"], found.get("bot_id") or "", enterprise)


class NotInstalledError(PlatformGoneError):
    """A workspace has not installed the app, or not any more."""


def _author(workspace: Workspace, user_id: str, user: dict[str, Any]) -> Author:
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    told = {
        "slack_id": user_id,
        "team_id": user.get("team_id") or workspace.team_id,
        "real_name": profile.get("real_name") or user.get("real_name"),
        "title": profile.get("title"),
        "time_zone": user.get("tz"),
        "image": profile.get("image_192") or profile.get("image_72"),
        "is_workspace_admin": user.get("is_admin"),
        "is_guest": user.get("is_restricted"),
    }
    return Author(
        id=f"{workspace.team_id}:{user_id}",
        name=str(name or user_id),
        email=profile.get("email") if _is_vouched_for(workspace, user) else None,
        language=user.get("locale"),
        profile={key: value for key, value in told.items() if value not in (None, "")},
    )


def _is_vouched_for(workspace: Workspace, user: dict[str, Any]) -> bool:
    """Whether somebody's e-mail is one that this organisation says is his: strangers come with what theirs says."""
    if user.get("is_stranger") or user.get("is_email_confirmed") is False:
        return False
    of_enterprise = (user.get("enterprise_user") or {}).get("enterprise_id")
    is_colleague = workspace.enterprise_id is not None and of_enterprise == workspace.enterprise_id
    return is_colleague or user.get("team_id") in (None, workspace.team_id)
