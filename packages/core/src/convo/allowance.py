"""Allowances: how much may be asked for in a while."""

from __future__ import annotations

import time

from convo.protocol import CommandError

__all__ = ["Allowance"]


class Allowance:
    """Holds two seconds' worth of `rate`, and refills with time.

    `text` says what to do when it is used up, and `key` is that of its words in other languages.
    """

    __slots__ = ("_burst", "_filled_at", "_key", "_left", "_rate", "_text")

    def __init__(
        self, rate: float, text: str = "Too many commands at a time; wait a moment.", *, key: str = "commands"
    ) -> None:
        self._rate = rate
        self._burst = self._left = 2 * rate
        self._filled_at = time.monotonic()
        self._text = text
        self._key = key

    def spend(self, amount: float = 1) -> None:
        """Take `amount`. Raises `CommandError` `rate-limited`, and then takes nothing."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._left < amount:
            wait = round((amount - self._left) / self._rate, 3)
            raise CommandError("rate-limited", self._text, key=self._key, retry_after=wait)
        self._left -= amount
