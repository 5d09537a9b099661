"""Profiles: ways to use the app, one of which is chosen before a chat begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from convo.errors import ConfigError
from convo.icon import check_icon
from convo.protocol import Profile
from convo.starter import Starter

__all__ = ["ChatProfile"]


@dataclass(slots=True)
class ChatProfile:
    """One way to use the app. The default is the one that says so, else the first.

    `starters` take the place of those of `set_starters`. `config_overrides` are settings that win over the app's own
    in this profile's chats: `{"features": {"when_busy": "reject"}}`. Raises `ConfigError` for those that are wrong.
    """

    name: str
    markdown_description: str
    icon: str | None = None
    display_name: str | None = None
    default: bool = False
    starters: list[Starter] | None = None
    config_overrides: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        check_icon(self.icon)
        if self.config_overrides:
            from convo.config import Config  # pydantic is loaded by whoever needs settings, not by `import convo`

            try:
                Config().overridden(self.config_overrides)  # type: ignore[call-arg]  # pydantic fills the defaults
            except ConfigError as error:
                raise ConfigError(f"The profile `{self.name}`: {error}", problems=error.problems) from error

    @property
    def noun(self) -> Profile:
        return Profile(
            name=self.name,
            display_name=self.display_name,
            description=self.markdown_description,
            icon=self.icon,
            default=self.default,
        )
