"""Allowances: how many requests a principal may make in a while, over plain HTTP, where no connection counts them."""

from __future__ import annotations

from collections import OrderedDict

from convo.allowance import Allowance
from convo.principal import Principal

__all__ = ["Allowances"]

REMEMBERED = 10_000


class Allowances:
    """An allowance per principal."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._by_principal: OrderedDict[str, Allowance] = OrderedDict()

    def spend(self, principal: Principal) -> None:
        """Take one. Raises `CommandError`: `rate-limited`."""
        allowance = self._by_principal.pop(principal.id, None)
        if allowance is None:
            allowance = Allowance(self._rate, "Too many requests at a time; wait a moment.")
        self._by_principal[principal.id] = allowance
        while len(self._by_principal) > REMEMBERED:
            self._by_principal.popitem(last=False)
        allowance.spend()
