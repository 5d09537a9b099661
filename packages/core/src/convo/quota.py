"""Quotas: what one principal takes of the server at a time, and how much it may be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from convo.protocol import CommandError

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["Quota"]

_DAY_SECONDS = 24 * 3600.0


class Quota:
    """Of one principal, over all chats of theirs. Whoever takes gives back, except what was uploaded: a day does."""

    def __init__(self, config: Config) -> None:
        self.runs = 0  # that are going, or wait for their turn
        self.upload_bytes = 0  # of files that are on their way, or wait to be sent
        self.go_by(config)
        self._uploaded = 0.0  # and not yet forgotten
        self._uploaded_at = time.monotonic()

    def go_by(self, config: Config) -> None:
        """Take the limits of these settings."""
        limits = config.limits
        self._most_runs = limits.runs_per_principal
        self._most_waiting = limits.waiting_upload_bytes
        self._most_in_a_day = limits.upload_bytes_per_day

    @property
    def is_untouched(self) -> bool:
        """Nothing is taken and all is forgotten: it is as good as another."""
        return self.runs == 0 and self.upload_bytes == 0 and self._recent() == 0

    def check_runs(self) -> None:
        """Let one more run begin. Raises `CommandError`: `rate-limited`."""
        if self.runs >= self._most_runs:
            raise CommandError(
                "rate-limited",
                f"{self._most_runs} answers of yours are going or waiting; let one end first.",
                key="answers",
                retry_after=1.0,
                details={"limit": self._most_runs},
            )

    def take_upload(self, size: int) -> None:
        """One more piece of a file has come. Raises `CommandError`: `rate-limited`, and then takes nothing."""
        if self.upload_bytes + size > self._most_waiting:
            raise CommandError(
                "rate-limited",
                f"More than {_megabytes(self._most_waiting)} MB of your files wait to be sent; send or remove some.",
                key="waitingFiles",
                retry_after=5.0,
                details={"limit": self._most_waiting, "megabytes": self._most_waiting / 1_000_000},
            )
        recent = self._recent()
        if recent + size > self._most_in_a_day:
            raise CommandError(
                "rate-limited",
                f"You may send {_megabytes(self._most_in_a_day)} MB of files a day.",
                key="dailyFiles",
                retry_after=round(_DAY_SECONDS * (recent + size - self._most_in_a_day) / self._most_in_a_day, 1),
                details={"limit": self._most_in_a_day, "megabytes": self._most_in_a_day / 1_000_000},
            )
        self.upload_bytes += size
        self._uploaded = recent + size
        self._uploaded_at = time.monotonic()

    def give_back_upload(self, size: int) -> None:
        """A file was sent, or is gone."""
        self.upload_bytes -= size

    def _recent(self) -> float:
        """What was uploaded lately: as much as is allowed in a day is forgotten in a day."""
        forgotten = (time.monotonic() - self._uploaded_at) / _DAY_SECONDS * self._most_in_a_day
        return max(0.0, self._uploaded - forgotten)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:g}"
