"""The backoff: how long to wait before the next try, and when to give up."""

from __future__ import annotations

import asyncio
import random

from convo_client.errors import ClientError, RateLimitedError, UnavailableError, UnreachableError

__all__ = ["Backoff"]

_FIRST_SECONDS = 0.25
_LONGEST_SECONDS = 15.0


class Backoff:
    """Waits longer each time, and never as long as others do; `patience` are seconds, for all tries together."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._tries = 0
        self._since: float | None = None

    def reset(self) -> None:
        """It worked: the next failure is a first one."""
        self._tries, self._since = 0, None

    async def pause(self, error: ClientError) -> None:
        """Wait, as long as the server asks for or else a little longer than before.

        Raises `error` where trying again gains nothing, or would take more patience than there is.
        """
        if not isinstance(error, UnreachableError | UnavailableError | RateLimitedError):
            raise error
        now = asyncio.get_running_loop().time()
        if self._since is None:
            self._since = now
        own = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2**self._tries) * random.uniform(0.5, 1)  # noqa: S311
        seconds = own if error.retry_after is None else error.retry_after + own / 4
        if now + seconds > self._since + self._patience:
            raise error
        self._tries += 1
        await asyncio.sleep(seconds)
