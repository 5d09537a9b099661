"""Generated files: what the scripts beside this one write, or find to be out of date."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["ROOT", "keep"]

ROOT = Path(__file__).parent.parent


def keep(texts: Mapping[Path, str], source: str) -> int:
    """Write each text to its file; with `--check`, say which files are not what `source` say. Returns the exit code."""
    if "--check" not in sys.argv:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return 0
    stale = [path for path, text in texts.items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what {source} say; run: hatch run types", file=sys.stderr)
    return 1 if stale else 0
