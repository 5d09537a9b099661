"""Allowances: how many requests whoever asks may make in a while, where no connection counts them."""

from __future__ import annotations

from collections import OrderedDict

from convo.allowance import Allowance

__all__ = ["Allowances"]

REMEMBERED = 10_000


class Allowances:
    """An allowance each, for principals by their id or for networks by their address."""

    def __init__(self, rate: float, text: str = "Too many requests at a time; wait a moment.") -> None:
        self._rate = rate
        self._text = text
        self._by_key: OrderedDict[str, Allowance] = OrderedDict()

    def spend(self, key: str) -> None:
        """Take one. Raises `CommandError`: `rate-limited`."""
        allowance = self._by_key.pop(key, None)
        if allowance is None:
            allowance = Allowance(self._rate, self._text)
        self._by_key[key] = allowance
        while len(self._by_key) > REMEMBERED:
            self._by_key.popitem(last=False)
        allowance.spend()
