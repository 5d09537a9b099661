"""How long threads that nobody changes are kept, with DynamoDB's own TTL.

A thread's head and its place in lists expire some days after its last change. All else of it is kept as long again at
least, so that DynamoDB, which drops items one by one and in no order, never takes a piece out of a thread that is
still there: a thread in use is given more time as a whole, about once in each such period.
"""

from __future__ import annotations

import time

from convo_dynamodb.items import Item

__all__ = ["Lifetime"]

_DAY_SECONDS = 86_400


class Lifetime:
    """`days` is `None` when threads are kept until somebody deletes them."""

    def __init__(self, days: int | None) -> None:
        self._seconds = None if days is None else days * _DAY_SECONDS

    def of_head(self) -> Item:
        """What to add to a thread's head and to its place in lists."""
        return {} if self._seconds is None else {"expires": _now() + self._seconds}

    def of_rest(self) -> Item:
        """What to add to all other items of a thread."""
        return {} if self._seconds is None else {"expires": _now() + 2 * self._seconds}

    def is_over(self, item: Item) -> bool:
        """Whether a head or a place in lists has expired; DynamoDB drops it within days."""
        return "expires" in item and int(item["expires"]) <= _now()

    def is_outdated(self, head: Item) -> bool:
        """Whether the other items of a thread, which end at its head's `kept_until`, need another end."""
        if self._seconds is None:
            return "kept_until" in head
        return int(head.get("kept_until", 0)) < _now() + self._seconds * 1.1


def _now() -> int:
    return int(time.time())
