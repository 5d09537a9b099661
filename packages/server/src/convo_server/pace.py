"""Pace: when news leaves for which reader. Once for all transports.

News leaves at once for a reader that got none for a tick or whose user just did something, else at the next tick. One
tick serves all readers; it is the longer, the busier the event loop: frames are what costs, and a longer tick puts more
news into each.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable

from convo.directory import Connection
from convo.log import Frame
from convo.viewer import Viewer

__all__ = ["TICKS", "WINDOW", "Pump", "Reader"]

logger = logging.getLogger("convo_server.pace")

WINDOW = 16  # frames in flight to one reader; it says after each eighth what it has received
WINDOW_BYTES = 1 << 19  # or fewer frames, when they weigh that much together
TIMEOUT = 30.0  # seconds a frame may be in flight
TICKS = ((0.03, 0.016), (0.12, 0.053), (0.30, 0.053), (0.75, 0.080))
"""How many seconds news gathers at which share of a core. Frames are what costs: from some load on a tick is as long as
it can be without a reader's noticing it, and where the server comes to its end, as long as he will bear.
"""
_GATHER = 2  # turns of the loop that "at once" takes, so that what a callback says first is one frame


class Reader:
    """A connection as the Pump sees it. Its transport gives it `write` and `close`, and says what was received.

    `write` returns how many bytes a frame weighs.
    """

    def __init__(self, pump: Pump, write: Callable[[Frame], int], close: Callable[[], None]) -> None:
        self.connection: Connection | Viewer | None = None
        self.in_flight: list[tuple[str, int, float, int]] = []  # log, seq, when, bytes
        self.is_queued = False
        self.is_blocked = False
        self.served_at = -math.inf
        self.write = write
        self._pump = pump
        self._close = close

    @property
    def is_full(self) -> bool:
        """As much is in flight as may be: what a reader that stops reading costs."""
        return len(self.in_flight) >= WINDOW or sum(sent[3] for sent in self.in_flight) >= WINDOW_BYTES

    def start(self, connection: Connection | Viewer) -> None:
        """Begin to deliver."""
        self.connection = connection
        self._pump.add(self)
        self.notify()

    def notify(self) -> None:
        """There is news."""
        if self.connection is not None and not self.is_queued and not self.is_blocked:
            self._pump.queue(self)

    def received(self, to: int, log: str | None = None) -> None:
        """The client has taken everything up to `to` of `log`, or of the thread's."""
        if self.connection is None:
            return
        log = log or self.connection.thread.log_id
        self._settle([sent for sent in self.in_flight if sent[0] != log or sent[1] > to])

    def took(self) -> None:
        """The oldest frame in flight has left: what a transport says whose own back-pressure reaches the client."""
        self._settle(self.in_flight[1:])

    def _settle(self, in_flight: list[tuple[str, int, float, int]]) -> None:
        self.in_flight = in_flight
        if self.is_blocked and not self.is_full:
            self.is_blocked = False
            self.notify()

    def finish(self) -> None:
        """Close the connection, not its session. Idempotent."""
        connection, self.connection = self.connection, None
        if connection is not None:
            self._pump.remove(self)
            connection.close()
            self._close()


class Pump:
    """Owns all readers, and the two moments at which they are served: soon, and the tick."""

    def __init__(self, *, timeout: float = TIMEOUT) -> None:
        self.load = 0.0  # share of a core that the loop's thread takes, smoothed
        self.tick = _tick_at(0.0)  # how long news gathers at present, in seconds
        self.closed = 0  # readers that are gone
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop  # that of the first reader: to ask for it costs a system call on 3.11
        self._readers: set[Reader] = set()
        self._soon: list[Reader] = []
        self._gathered: dict[Reader, None] = {}
        self._tick: asyncio.Handle | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._swept_at = self._awake_since = 0.0
        self._ticked_at = 0.0
        self._cpu = self._measured_at = 0.0

    @property
    def readers(self) -> list[Reader]:
        return list(self._readers)

    def add(self, reader: Reader) -> None:
        self._readers.add(reader)
        if self._sweep is None:
            self._loop = asyncio.get_running_loop()
            self._sweep_later()

    def remove(self, reader: Reader) -> None:
        self._readers.discard(reader)
        self.closed += 1

    def queue(self, reader: Reader) -> None:
        """Serve `reader` at once if it was not served for a tick, else at the next one."""
        reader.is_queued = True
        loop = self._loop
        now = loop.time()
        tick = self.tick
        if reader.served_at + tick <= now:
            self._queue_soon(reader)
            return
        self._gathered[reader] = None
        if self._tick is None:
            due = self._ticked_at + tick
            self._tick = (
                loop.call_soon(self._serve_gathered, now)
                if due <= now
                else loop.call_at(due, self._serve_gathered, due)
            )

    def hasten(self, reader: Reader) -> None:
        """The user of `reader` did something: what has gathered need not wait."""
        if reader in self._gathered:
            del self._gathered[reader]
            self._queue_soon(reader)

    def _queue_soon(self, reader: Reader) -> None:
        self._soon.append(reader)
        if len(self._soon) == 1:
            self._loop.call_soon(self._serve_soon, _GATHER)

    def flush(self) -> None:
        """Serve all readers with news now."""
        for reader in list(self._readers):
            self._serve(reader)

    def close(self) -> None:
        """Close all connections."""
        for reader in list(self._readers):
            reader.finish()
        for handle in (self._tick, self._sweep):
            if handle is not None:
                handle.cancel()
        self._tick = self._sweep = None

    def _serve_soon(self, turns: int) -> None:
        if turns > 0:
            self._loop.call_soon(self._serve_soon, turns - 1)
            return
        readers, self._soon = self._soon, []
        for reader in readers:
            self._serve(reader)

    def _serve_gathered(self, due: float) -> None:
        self._tick = None
        self._ticked_at = self._loop.time()
        self._measure(self._ticked_at - due)
        readers, self._gathered = self._gathered, {}
        for reader in readers:
            self._serve(reader)

    def _serve(self, reader: Reader) -> None:
        reader.is_queued = False
        reader.served_at = self._loop.time()
        connection = reader.connection
        if connection is None:
            return
        try:
            while not reader.is_full:
                frame = connection.read()
                if frame is None:
                    break
                reader.in_flight.append((frame.log, frame.to, time.monotonic(), reader.write(frame)))
                if not connection.has_news:
                    break
            else:
                reader.is_blocked = True
        except Exception:  # one reader's frame must not keep the others waiting
            logger.exception("A frame could not be sent; its connection is closed")
            reader.finish()
        if connection.is_finished:
            reader.finish()

    def _measure(self, lag: float) -> None:
        """How busy the loop is: the CPU it takes, or what it is late by where others take the CPU."""
        now, cpu = time.monotonic(), time.thread_time()
        wall = now - self._measured_at
        share = (cpu - self._cpu) / wall if wall > 0 else 1.0
        self.load += min(1.0, wall / 0.2) * (max(share, min(1.0, lag / TICKS[-1][1])) - self.load)
        self.tick = _tick_at(self.load)
        self._cpu, self._measured_at = cpu, now

    def _close_the_silent(self) -> None:
        """A reader that takes nothing costs its cursor; after the time-out not even that."""
        now = time.monotonic()
        if now - self._swept_at > self._timeout / 5:  # the loop was blocked: what readers said is not read yet
            self._awake_since = now
        limit = now - self._timeout
        for reader in list(self._readers):
            if reader.in_flight and max(reader.in_flight[0][2], self._awake_since) < limit:
                reader.finish()
        self._sweep = None
        if self._readers:
            self._sweep_later()

    def _sweep_later(self) -> None:
        self._swept_at = time.monotonic()
        self._sweep = self._loop.call_later(self._timeout / 10, self._close_the_silent)


def _tick_at(load: float) -> float:
    """The tick at a load, between the points of `TICKS`."""
    below, shorter = TICKS[0]
    for above, longer in TICKS:
        if load < above:
            return shorter + max(0.0, load - below) / max(above - below, 1e-9) * (longer - shorter)
        below, shorter = above, longer
    return shorter
