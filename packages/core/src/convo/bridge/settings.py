"""What all platforms let an author set."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from convo.config import Section

__all__ = ["PlatformSettings"]


class PlatformSettings(Section):
    """`[platforms.NAME]`: to be inherited by the settings of a platform."""

    enabled: bool = Field(True, description="Whether the app is on this platform.")
    profile: str | None = Field(None, description="The chat profile of conversations here.")
    user_by: Literal["id", "email"] = Field(
        "id",
        description="Who is who: the platform's own id, or the e-mail it has verified, so that a person is the same "
        "user here and where he logs in with that e-mail as his identifier (with `[auth] link_by_identifier`).",
    )
    direct: Literal["one", "daily", "idle"] = Field(
        "one", description="Direct messages are one thread, one a day, or a new one after a pause."
    )
    time_zone: str = Field("UTC", examples=["Europe/Berlin"], description='Whose days count for `direct = "daily"`.')
    idle_hours: float = Field(8.0, gt=0, le=8760, description='The pause for `direct = "idle"`.')
    feedback: bool = Field(True, description="Whether answers can be rated here.")

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"`{name}` is no time zone, as `Europe/Berlin` or `UTC`") from None
        return name
