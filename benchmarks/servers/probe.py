"""The probe: how late the event loop it runs on is, and whether the loop's own work or the machine was the reason."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time

__all__ = ["PROBE", "Probe"]

EVERY_SECONDS = 0.002
LONG_SECONDS = 0.020


class Probe:
    """Looks every two milliseconds, from the first report on.

    A pause is the time by which the probe itself was late. Of that the process's own CPU time is the loop's doing; the
    rest is a machine that ran something else.
    """

    def __init__(self) -> None:
        self._is_looking = False
        self._due = self._cpu = self._collecting = 0.0
        self._reset()

    def _reset(self) -> None:
        self._late = self._worked = self._collected = 0.0
        self._long = 0

    def report(self) -> str:
        """What was seen since the last report, in milliseconds, as JSON."""
        seen = {
            "late": self._late * 1e3,
            "worked": self._worked * 1e3,
            "collected": self._collected * 1e3,
            "long": self._long,
        }
        self._reset()
        if not self._is_looking:
            self._is_looking = True
            gc.callbacks.append(self._on_collection)
            self._wait()
        return json.dumps(seen, separators=(",", ":"))

    def _wait(self) -> None:
        self._due, self._cpu = time.monotonic() + EVERY_SECONDS, time.process_time()
        asyncio.get_running_loop().call_later(EVERY_SECONDS, self._look)

    def _look(self) -> None:
        late = time.monotonic() - self._due
        worked = min(late, time.process_time() - self._cpu)
        self._late, self._worked = max(self._late, late), max(self._worked, worked)
        self._long += worked > LONG_SECONDS
        self._wait()

    def _on_collection(self, phase: str, _: dict[str, int]) -> None:
        now = time.thread_time()
        if phase == "stop":
            self._collected = max(self._collected, now - self._collecting)
        self._collecting = now


PROBE = Probe()


async def main(seconds: float) -> None:
    """A loop that does nothing: what it sees is the machine's."""
    PROBE.report()
    await asyncio.sleep(seconds)
    print(PROBE.report())


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
