"""Grants: what principals let the app do at servers. In memory alone, and for nobody to see."""

from __future__ import annotations

import asyncio
import time

from mcp.client.auth.oauth2 import OAuthContext
from mcp.shared.auth import OAuthClientInformationFull, OAuthMetadata, OAuthToken, ProtectedResourceMetadata

__all__ = ["Grant", "Grants"]

MOST_HELD = 10_000
"""Beyond, what was granted to the chat that ended first is forgotten: its user signs in again."""


class Grant:
    """The tokens of one principal at one server, and what is needed to refresh them."""

    def __init__(self, key: tuple[str, str]) -> None:
        self.key = key
        self.tokens: OAuthToken | None = None
        self.refreshing = asyncio.Lock()  # a refresh token may be good for one time
        self.users: set[object] = set()
        self._expires_at: float | None = None
        self._client: OAuthClientInformationFull | None = None
        self._issuer: str | None = None
        self._metadata: OAuthMetadata | None = None
        self._resource: ProtectedResourceMetadata | None = None

    @property
    def must_refresh(self) -> bool:
        tokens = self.tokens
        return (
            tokens is not None
            and tokens.refresh_token is not None
            and self._expires_at is not None
            and time.time() > self._expires_at
        )

    def keep(self, tokens: OAuthToken, context: OAuthContext) -> None:
        """What the SDK has come to, with new `tokens`."""
        self.tokens, self._expires_at = tokens, context.token_expiry_time
        self._client, self._issuer = context.client_info, context.auth_server_url
        self._metadata, self._resource = context.oauth_metadata, context.protected_resource_metadata

    def recall(self, context: OAuthContext) -> None:
        """Let the SDK go on from there, whichever chat it was."""
        context.current_tokens, context.token_expiry_time = self.tokens, self._expires_at
        context.client_info, context.auth_server_url = self._client, self._issuer
        context.oauth_metadata, context.protected_resource_metadata = self._metadata, self._resource

    @property
    def client(self) -> OAuthClientInformationFull | None:
        return self._client

    def forget(self) -> None:
        """Idempotent."""
        self.tokens = self._expires_at = self._client = self._issuer = self._metadata = self._resource = None


class Grants:
    """Those of all principals."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Grant] = {}

    def join(self, principal_id: str, server: str, user: object) -> Grant:
        """The one that `user`, a chat, goes by from now on; `server` is a target's `key`."""
        grant = self._held.setdefault((principal_id, server), Grant((principal_id, server)))
        grant.users.add(user)
        return grant

    def leave(self, grant: Grant, user: object) -> None:
        """A chat is over. What was granted stays, for the next, unless that is so of very many."""
        grant.users.discard(user)
        if grant.users:
            return
        self._held.pop(grant.key, None)
        if grant.tokens is None:
            return
        self._held[grant.key] = grant  # the latest
        if len(self._held) > MOST_HELD:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        oldest = next((one for one in self._held.values() if not one.users), None)
        if oldest is not None:
            del self._held[oldest.key]

    def give_up(self, grant: Grant, user: object) -> None:
        """A chat needs it no more; what no other goes by is forgotten."""
        grant.users.discard(user)
        if not grant.users:
            grant.forget()
            self._held.pop(grant.key, None)
