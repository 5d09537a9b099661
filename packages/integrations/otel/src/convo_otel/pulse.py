"""The pulse: how late the event loop is."""

from __future__ import annotations

import asyncio
import contextvars

from opentelemetry.metrics import Histogram

__all__ = ["Pulse"]

BEAT_SECONDS = 1.0


class Pulse:
    """Records about once a second how late a timer of the loop was, while there is anybody to be late for."""

    def __init__(self, lag: Histogram) -> None:
        self._lag = lag
        self._kept = 0
        self._handle: asyncio.TimerHandle | None = None

    def keep(self) -> None:
        """One more session needs the loop."""
        self._kept += 1
        if self._handle is None:
            self._plan(asyncio.get_running_loop())

    def release(self) -> None:
        """One of them has ended."""
        self._kept -= 1
        if self._kept == 0 and self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + BEAT_SECONDS
        # In a context of its own: it must not keep that of whoever was the first to chat.
        self._handle = loop.call_later(BEAT_SECONDS, self._beat, loop, due, context=contextvars.Context())

    def _beat(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._lag.record(max(0.0, loop.time() - due))
        self._plan(loop)
