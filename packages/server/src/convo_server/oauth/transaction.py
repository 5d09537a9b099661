"""A transaction: one log-in on its way, from the browser being sent off to its coming back."""

from __future__ import annotations

import hashlib
import re
import secrets

import msgspec

__all__ = ["TRANSACTION_SECONDS", "Transaction", "safe_path", "transaction_key"]

TRANSACTION_SECONDS = 600
"""How long a user may take at the provider."""

_PATH_LENGTH = 1024
_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


class Transaction(msgspec.Struct, frozen=True):
    """What has to be known when the browser comes back. It stays with the browser, sealed.

    `next` is where to go then: a path of the app, from its root. `started_at` is in seconds since 1970.
    """

    provider: str
    redirect_uri: str
    next: str
    started_at: float
    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls, provider: str, redirect_uri: str, next: str, now: float) -> Transaction:
        return cls(
            provider=provider,
            redirect_uri=redirect_uri,
            next=safe_path(next),
            started_at=now,
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
        )

    @property
    def key(self) -> str:
        """Tells several log-ins of one browser apart, and says nothing of the state."""
        return transaction_key(self.state)


def transaction_key(state: str) -> str:
    """The `key` of the transaction with this state."""
    return hashlib.sha256(state.encode()).hexdigest()[:16]


def safe_path(path: str) -> str:
    """`path` if a browser takes it for one of this app's, else the app's own page."""
    return path if len(path) <= _PATH_LENGTH and _PATH.fullmatch(path) else "/"
