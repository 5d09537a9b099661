"""The target: what a connection is made to, and what its requests have to pass."""

from __future__ import annotations

from dataclasses import dataclass

from convo.egress import Egress

from convo_mcp.settings import ServerSettings

__all__ = ["Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """A server that the settings name, or one whose address its user has entered: requests to that pass an `egress`.

    `key` says of all servers of an App which one this is, whatever it is called in a chat. `query` is that of the
    entered address: it may be a secret, so it is not in the settings' `url`, which is logged.
    """

    key: str
    settings: ServerSettings
    egress: Egress | None = None
    query: bytes = b""

    @property
    def is_own(self) -> bool:
        return self.egress is not None

    @property
    def has_sign_in(self) -> bool:
        """Whether users may have to sign in there."""
        return self.settings.url is not None and not self.settings.has_token
