"""What was made of files, kept until they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

__all__ = ["Kept"]

T = TypeVar("T")


class Kept(Generic[T]):
    """By file, and by what else it depends on. Blocking."""

    def __init__(self) -> None:
        self._made: dict[tuple[Path, str], tuple[int, T]] = {}

    def of(self, path: Path, make: Callable[[], T], *, by: str = "") -> T | None:
        """What `make` makes of a file, made again when that has changed; `None` while there is no file."""
        try:
            changed_at = path.stat().st_mtime_ns
        except OSError:
            return None
        made = self._made.get((path, by))
        if made is None or made[0] != changed_at:
            made = self._made[path, by] = (changed_at, make())
        return made[1]
