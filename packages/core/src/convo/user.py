"""Users: people who signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from convo.protocol import timestamp

__all__ = ["PersistedUser", "User"]


@dataclass(slots=True)
class User:
    """Somebody an authentication callback let in. `identifier` is unique within the app."""

    identifier: str
    display_name: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class PersistedUser(User):
    """A user as the data layer keeps them."""

    id: str
    createdAt: str = field(default_factory=timestamp)  # noqa: N815 - the name existing apps use
