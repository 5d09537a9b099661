"""The back-off: how long to wait before a server that was lost is tried again."""

from __future__ import annotations

import random

__all__ = ["Backoff"]

FIRST_SECONDS = 0.5
MOST_SECONDS = 30.0
MOST_TRIES = 6


class Backoff:
    """Twice as long each time, and never quite the same for two chats that lost the same server."""

    def __init__(self) -> None:
        self._tries = 0

    @property
    def is_spent(self) -> bool:
        """It was tried often enough."""
        return self._tries >= MOST_TRIES

    def reset(self) -> None:
        self._tries = 0

    def next_seconds(self) -> float:
        longest = min(MOST_SECONDS, FIRST_SECONDS * 2.0**self._tries)
        self._tries += 1
        return random.uniform(longest / 2, longest)  # noqa: S311 - no secret
