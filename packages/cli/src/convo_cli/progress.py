"""Progress of long work, on stderr."""

from __future__ import annotations

import time

import typer

__all__ = ["Progress", "counted"]

FIRST_SECONDS = 2.0
EVERY_SECONDS = 5.0


def counted(count: int, noun: str) -> str:
    """So many of a noun, as a text."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


class Progress:
    """Says every few seconds how far the work is; nothing of work that is soon done."""

    def __init__(self, noun: str, total: int | None = None) -> None:
        self._noun = noun
        self._total = total
        self._next = time.monotonic() + FIRST_SECONDS

    def at(self, count: int) -> None:
        """So many are done."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_SECONDS
            of = "" if self._total is None else f" of {self._total:,}"
            typer.echo(f"{count:,}{of} {self._noun} …", err=True)
