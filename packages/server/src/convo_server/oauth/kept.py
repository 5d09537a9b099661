"""Something of a provider's that is asked for once in a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from convo_server.oauth.refusal import Refusal

__all__ = ["Kept"]

_KEPT_SECONDS = 3600.0
_REFETCH_SECONDS = 30.0
_FAILED_SECONDS = 5.0

T = TypeVar("T")


class Kept(Generic[T]):
    """A value, for an hour. `clock` says the time in seconds.

    What lacks something is asked for anew after half a minute at the earliest: else whoever makes up what is lacking
    makes us ask. A failure is believed for five seconds, so that a crowd does not wait for the same thing one by one.
    """

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._failure: Refusal | None = None
        self._at = 0.0

    async def get(self, lacks: Callable[[T], bool] = lambda _: False) -> T:
        """The value; asked for anew if it is old, or `lacks` what it should have. Raises `Refusal` as fetching does."""
        async with self._lock:
            age = self._clock() - self._at
            if self._failure is not None and age < _FAILED_SECONDS:
                raise Refusal(self._failure.code, str(self._failure))
            if self._value is None or age > _KEPT_SECONDS or (age > _REFETCH_SECONDS and lacks(self._value)):
                await self._renew()
            assert self._value is not None
            return self._value

    async def _renew(self) -> None:
        try:
            self._value = await self._fetch()
            self._failure = None
        except Refusal as refusal:
            self._failure = refusal
            raise
        finally:
            self._at = self._clock()
