"""Throttle: who tries to log in too often has to wait, longer each time."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from convo.protocol import CommandError

__all__ = ["Throttle"]

FORGOTTEN_SECONDS = 900.0  # after so long without a failure, it is as if there had been none
REMEMBERED = 20_000


@dataclass(slots=True)
class _Failures:
    count: int = 0
    at: float = 0.0
    until: float = 0.0


class Throttle:
    """Counts failures by key; of who has none (`None`) none are counted.

    `free` of them cost nothing; each further one makes all wait twice as long, to `longest` seconds. An attempt counts
    as failed until it is said to have succeeded: many at the same time are no way around it.
    """

    def __init__(self, free: int, *, longest: float) -> None:
        self._free = free
        self._longest = longest
        self._by_key: OrderedDict[str, _Failures] = OrderedDict()

    def check(self, key: str | None) -> None:
        """Raises `CommandError`: `rate-limited`, with how long to wait."""
        failures = self._by_key.get(key or "")
        if failures is not None and (wait := failures.until - time.monotonic()) > 0:
            raise CommandError(
                "rate-limited",
                "Too many log-ins have failed; wait a moment, then try again.",
                key="failedLogins",
                retry_after=wait,
            )

    def fail(self, key: str | None) -> None:
        """One more attempt, which has failed until `succeed` says otherwise."""
        if key is None:
            return
        now = time.monotonic()
        failures = self._by_key.pop(key, None)
        if failures is None or failures.at < now - FORGOTTEN_SECONDS:
            failures = _Failures()
        failures.count += 1
        failures.at = now
        if failures.count >= self._free:
            failures.until = now + min(self._longest, 2.0 ** min(failures.count - self._free, 30))
        self._by_key[key] = failures
        while len(self._by_key) > REMEMBERED:
            self._by_key.popitem(last=False)

    def forgive(self, key: str | None) -> None:
        """That attempt succeeded: it did not count, but those before it do."""
        failures = self._by_key.get(key or "")
        if failures is not None:
            failures.count -= 1
            failures.until = 0.0

    def succeed(self, key: str) -> None:
        """That attempt succeeded: begin anew."""
        self._by_key.pop(key, None)
