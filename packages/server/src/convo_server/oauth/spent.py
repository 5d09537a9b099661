"""What was used once and must not be again."""

from __future__ import annotations

__all__ = ["Spent"]

_MOST = 10_000


class Spent:
    """Remembers values for `seconds`, the newest 10,000 of them: only those who have begun a log-in can add one."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[str, float] = {}  # oldest first

    def spend(self, value: str, now: float) -> bool:
        """Whether this is the first time."""
        while self._until:
            oldest, until = next(iter(self._until.items()))
            if until > now and len(self._until) < _MOST:
                break
            del self._until[oldest]
        if value in self._until:
            return False
        self._until[value] = now + self._seconds
        return True
