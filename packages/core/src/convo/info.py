"""The info: what an app says of itself to one principal, before and beside a chat."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from convo.callbacks import Callbacks
from convo.errors import ConfigError
from convo.folder import Folder
from convo.profile import ChatProfile
from convo.protocol import AppInfo, CommandError, Link, McpServerInfo, Uploads
from convo.starter import Starter, StarterCategory
from convo.user import User

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["app_info", "check_profiles", "choose_profile", "list_profiles", "listens"]

logger = logging.getLogger("convo.info")

PATIENCE_SECONDS = 10.0  # a page waits for what these callbacks return
START_SECONDS = 2.0  # and a start for what profiles there are

T = TypeVar("T")


async def app_info(
    callbacks: Callbacks,
    config: Config,
    folder: Folder,
    *,
    user: User | None = None,
    profile: str | None = None,
    language: str | None = None,
) -> AppInfo:
    """What the page of `user` shows in `profile` (the default one, if there is none of that name).

    Never raises: a callback that does is logged, and what it should have said is left out.
    """
    profiles = await list_profiles(callbacks, config, user, language)
    chosen = _named(profiles, profile) or _default(profiles)
    name = None if chosen is None else chosen.name
    starters, categories = await asyncio.gather(
        _ask(callbacks, "set_starters", Starter, user, language, name),
        _ask(callbacks, "set_starter_categories", StarterCategory, user, language, name),
    )
    if chosen is not None:
        config = _config(config, chosen)
        starters = starters if chosen.starters is None else chosen.starters
        categories = categories if chosen.starters is None else []
    for starter in [*starters, *(one for category in categories for one in category.starters)]:
        if starter.command is not None:
            callbacks.starter_commands.add(starter.command)
    avatars = await asyncio.to_thread(folder.list_avatars)
    return AppInfo(
        name=config.project.name,
        description=config.project.description,
        profiles=[one.noun for one in profiles],
        starters=[starter.noun for starter in starters],
        categories=[category.noun for category in categories],
        links=[Link(**link.model_dump()) for link in config.ui.header_links],
        uploads=Uploads(
            enabled=config.features.uploads.enabled,
            accept=list(config.features.uploads.accept),
            max_files=config.features.uploads.max_files,
            max_bytes=int(config.features.uploads.max_size_mb * 1_000_000),
        ),
        audio=listens(callbacks, config),
        audio_rate=config.features.audio.sample_rate,
        feedback=config.features.feedback,
        edit=config.features.edit_message,
        favourites=config.features.favorites,
        sharing=config.features.allow_thread_sharing,
        env=list(config.project.user_env),
        keep_env=config.project.keep_user_env,
        readme=await asyncio.to_thread(folder.read_readme, language),
        confirm_new_chat=config.ui.confirm_new_chat,
        mcp=[McpServerInfo(name, getattr(one, "description", "")) for name, one in config.mcp.servers.items()],
        mcp_own=bool(config.mcp.own.allow),
        avatars={key: f"avatars/{quote(key, safe='')}" for key in avatars},
    )


def listens(callbacks: Callbacks, config: Config) -> bool:
    """Whether users can talk to an App."""
    return config.features.audio.enabled and "on_audio_start" in callbacks


async def check_profiles(callbacks: Callbacks, config: Config) -> None:
    """Raises `ConfigError` for a profile with wrong settings, as far as that is seen at the start: with nobody as user.

    What the callback raises else is not told here: it may be for users alone. It is when a page asks.
    """
    callback = callbacks.get("set_chat_profiles")
    if callback is None:
        return
    try:
        async with asyncio.timeout(START_SECONDS):
            profiles = await callback(None, None)
    except ConfigError:
        raise
    except Exception as error:  # the author's code
        logger.debug("`set_chat_profiles` says nothing without a user: %r", error)
        return
    for profile in profiles if isinstance(profiles, list | tuple) else ():
        if isinstance(profile, ChatProfile):
            _config(config, profile)


async def choose_profile(
    callbacks: Callbacks, config: Config, *, user: User | None, name: str | None, language: str | None = None
) -> tuple[str | None, Config]:
    """The profile of a chat, the default one without a `name`, and the settings that hold in it.

    Raises `CommandError`: `invalid` for a name that is not offered. Where no profile is, there is none to choose.
    """
    profiles = await list_profiles(callbacks, config, user, language)
    if not profiles:
        return None, config
    chosen = _default(profiles) if name is None else _named(profiles, name)
    if chosen is None:
        offered = [profile.name for profile in profiles]
        text = f"There is no profile `{(name or '')[:64]}`; there are {', '.join(offered)}."
        raise CommandError("invalid", text, key="profile", details={"profile": (name or "")[:64], "offered": offered})
    return chosen.name, _config(config, chosen)


async def list_profiles(
    callbacks: Callbacks, config: Config, user: User | None, language: str | None
) -> list[ChatProfile]:
    """The profiles that `user` may choose, as far as their settings are sound. Never raises."""
    return [
        profile
        for profile in await _ask(callbacks, "set_chat_profiles", ChatProfile, user, language)
        if _is_sound(profile, config)
    ]


def _is_sound(profile: ChatProfile, config: Config) -> bool:
    try:
        _config(config, profile)
    except ConfigError as error:
        logger.error("A profile is left out. %s", error)
        return False
    return True


def _config(config: Config, profile: ChatProfile) -> Config:
    if not profile.config_overrides:
        return config
    try:
        return config.overridden(profile.config_overrides)
    except ConfigError as error:
        raise ConfigError(f"The profile `{profile.name}`: {error}", problems=error.problems) from error


def _named(profiles: list[ChatProfile], name: str | None) -> ChatProfile | None:
    return next((profile for profile in profiles if profile.name == name), None)


def _default(profiles: list[ChatProfile]) -> ChatProfile | None:
    return next((profile for profile in profiles if profile.default), profiles[0] if profiles else None)


async def _ask(callbacks: Callbacks, name: str, kind: type[T], *args: Any) -> list[T]:
    """What a callback returns; nothing, and a word in the log, when it fails: the page must open all the same."""
    callback = callbacks.get(name)
    if callback is None:
        return []
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            returned = await callback(*args)
    except Exception:  # the author's code: whatever it raises
        logger.exception("`%s` raised an exception; the page goes without", name)
        return []
    items = list(returned or ()) if isinstance(returned, list | tuple | None) else [returned]
    if not all(isinstance(item, kind) for item in items):
        logger.error("`%s` must return a list of `%s`; the page goes without", name, kind.__name__)
        return []
    return items
