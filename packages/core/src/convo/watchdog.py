"""The watchdog: finds async code that blocks the event loop, and says where."""

from __future__ import annotations

import asyncio
import logging
import sys
import sysconfig
import threading
import time
import traceback
from pathlib import Path
from types import FrameType

__all__ = ["Watchdog"]

logger = logging.getLogger("convo.watchdog")

BEAT_SECONDS = 0.1
_LIBRARIES = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), str(Path(__file__).parent)})


class Watchdog:
    """Logs a warning with file and line when the loop is blocked for longer than `limit` seconds; once per place."""

    def __init__(self, limit: float = 0.25) -> None:
        self._limit = limit
        self._beat = 0.0
        self._stopped = threading.Event()
        self._reported: set[tuple[str, int]] = set()
        self._handle: asyncio.TimerHandle | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch the running loop until `stop`."""
        loop = asyncio.get_running_loop()
        self._mark(loop)
        target = threading.get_ident()
        self._thread = threading.Thread(target=self._watch, args=(target,), name="convo-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching, and wait for the watching thread."""
        self._stopped.set()
        if self._handle is not None:
            self._handle.cancel()
        if self._thread is not None:
            self._thread.join()

    def _mark(self, loop: asyncio.AbstractEventLoop) -> None:
        self._beat = time.monotonic()
        self._handle = loop.call_later(BEAT_SECONDS, self._mark, loop)

    def _watch(self, target: int) -> None:
        beat = stolen = 0.0
        due = time.monotonic() + BEAT_SECONDS
        while not self._stopped.wait(BEAT_SECONDS):
            now = time.monotonic()
            stolen = max(0.0, now - due) + (stolen if beat == self._beat else 0.0)  # we are late, too: a busy machine
            beat, due = self._beat, now + BEAT_SECONDS
            late = now - beat - BEAT_SECONDS - stolen
            frame = sys._current_frames().get(target) if late > self._limit else None
            if frame is not None:
                self._report(frame, late)

    def _report(self, frame: FrameType, late: float) -> None:
        place = _authors_line(frame)
        if place is None or place in self._reported:
            return
        self._reported.add(place)
        file, line = place
        logger.warning(
            "Async code has blocked all chats for %.2f s at %s:%d; make it a plain `def`, or call the slow part with "
            "`convo.make_async`.\n%s",
            late,
            file,
            line,
            "".join(traceback.format_stack(frame)).rstrip(),
        )


def _authors_line(frame: FrameType | None) -> tuple[str, int] | None:
    """The innermost line that is neither the standard library's, a package's nor ours."""
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_LIBRARIES) and not file.startswith("<") and "site-packages" not in file:
            return file, frame.f_lineno
        frame = frame.f_back
    return None
