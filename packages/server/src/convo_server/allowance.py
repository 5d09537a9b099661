"""Allowances: how many requests a principal may make in a while, over plain HTTP, where no connection counts them."""

from __future__ import annotations

import time
from collections import OrderedDict

from convo.principal import Principal
from convo.protocol import CommandError

__all__ = ["Allowances"]

REMEMBERED = 10_000


class Allowances:
    """A bucket per principal, which holds two seconds' worth and refills at `rate` a second."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, at what time

    def spend(self, principal: Principal) -> None:
        """Take one. Raises `CommandError`: `rate-limited`."""
        now = time.monotonic()
        burst = 2 * self._rate
        left, at = self._buckets.pop(principal.id, (burst, now))
        left = min(burst, left + (now - at) * self._rate)
        self._buckets[principal.id] = (left - 1 if left >= 1 else left, now)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if left < 1:
            wait = round((1 - left) / self._rate, 3)
            raise CommandError("rate-limited", "Too many requests at a time; wait a moment.", retry_after=wait)
