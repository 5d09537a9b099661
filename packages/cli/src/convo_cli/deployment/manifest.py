"""A Manifest: a file that deploying needs, and how it differs from what is there."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Manifest"]


@dataclass(frozen=True)
class Manifest:
    """A file by its name in the app's folder, with all of its text."""

    name: str
    text: str

    def read(self, folder: Path) -> str | None:
        """What is there now; `None` for nothing."""
        file = folder / self.name
        return file.read_text("utf-8", errors="replace") if file.exists() else None

    def difference(self, folder: Path) -> str:
        """What writing it would change, as a unified diff; empty when it is there already."""
        old = self.read(folder)
        lines = difflib.unified_diff(
            [] if old is None else old.splitlines(keepends=True),
            self.text.splitlines(keepends=True),
            "/dev/null" if old is None else self.name,
            self.name,
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

    def write(self, folder: Path) -> None:
        (folder / self.name).write_text(self.text, "utf-8")
