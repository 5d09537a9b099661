"""Allowances: how many requests whoever asks may make in a while, where no connection counts them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from convo.allowance import Allowance

__all__ = ["Allowances"]

REMEMBERED = 10_000


class Allowances:
    """An allowance each, for principals by their id or for networks by their address. `rate` may change."""

    def __init__(
        self,
        rate: float | Callable[[], float],
        text: str = "Too many requests at a time; wait a moment.",
        *,
        key: str = "requests",
    ) -> None:
        self._rate = rate
        self._text = text
        self._key = key
        self._by_key: OrderedDict[str, Allowance] = OrderedDict()

    def spend(self, key: str) -> None:
        """Take one. Raises `CommandError`: `rate-limited`."""
        allowance = self._by_key.pop(key, None)
        if allowance is None:
            rate = self._rate() if callable(self._rate) else self._rate
            allowance = Allowance(rate, self._text, key=self._key)
        self._by_key[key] = allowance
        while len(self._by_key) > REMEMBERED:
            self._by_key.popitem(last=False)
        allowance.spend()
