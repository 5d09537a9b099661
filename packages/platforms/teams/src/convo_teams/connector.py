"""The Connector: what the bridge needs of an SDK, and what goes wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from convo.errors import PlatformBusyError, PlatformDeniedError, PlatformError, PlatformGoneError

__all__ = ["Activity", "Connector", "RefusedError", "failure"]

Activity = dict[str, Any]
"""What Teams and a bot send each other, as JSON has it."""


class RefusedError(Exception):
    """A request is not from Teams, or not for this bot. `status` is what it is answered."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Connector(Protocol):
    """Admits what Teams sends, and sends to it. Every `address` is a place's; errors are those of `Bridge`."""

    async def admit(self, authorization: str | None, activity: Activity) -> object:
        """The SDK's turn context of an activity whose token is valid and vouches for its `serviceUrl`.

        Raises `RefusedError`, and `PlatformBusyError` where the keys to look with cannot be had.
        """

    async def send(self, address: Mapping[str, Any], activity: Activity) -> str:
        """Post an activity; returns its id."""

    async def update(self, address: Mapping[str, Any], ref: str, activity: Activity) -> None:
        """Put another activity in the place of one."""

    async def delete(self, address: Mapping[str, Any], ref: str) -> None:
        """Remove an activity."""

    async def member(self, address: Mapping[str, Any], user_id: str) -> dict[str, Any]:
        """What Teams knows of somebody in a conversation."""

    async def close(self) -> None:
        """Let go of connections."""


def failure(status: int, text: str, retry_after: str | None = None, *, is_post: bool = False) -> PlatformError:
    """What an answer with an error means. `is_post`: what was asked may have been done in spite of it."""
    said = f"Teams has answered {status}: {text[:300]}"
    if status == 429:
        return PlatformBusyError(said, retry_after=_seconds(retry_after))
    if status in (408, 412) or status >= 500:
        return PlatformBusyError(said, retry_after=_seconds(retry_after), is_unsure=is_post and status != 412)
    if status == 401:
        return PlatformDeniedError(f"{said} Is the bot's `app_id`, and its tenant, the one of its registration?")
    if status in (403, 404, 410):
        return PlatformGoneError(said)
    return PlatformError(said)


def _seconds(retry_after: str | None) -> float | None:
    """What `Retry-After` says; `None` for a date or nonsense."""
    try:
        return None if retry_after is None else max(0.0, float(retry_after))
    except ValueError:
        return None
