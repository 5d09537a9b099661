"""The command `convo`, run to its end as somebody runs it at a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["convo"]


def convo(
    *arguments: str,
    cwd: Path | None = None,
    timeout: float = 60,
    environment: Mapping[str, str] | None = None,
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Run it in `cwd`, with `variables` beside those of `environment`, by default of this process. Nobody types."""
    return subprocess.run(
        [sys.executable, "-m", "convo_cli", *arguments],
        cwd=cwd,
        env={**(os.environ if environment is None else environment), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
