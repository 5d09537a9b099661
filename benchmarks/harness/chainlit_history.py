"""What Chainlit's data layer does by itself, measured in its own environment."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Literal

from benchmarks.harness.server import ENVIRONMENT, ROOT
from benchmarks.harness.target import Target

__all__ = ["measured"]


async def measured(
    target: Target, what: Literal["list", "search"], threads: int, steps: int, times: int
) -> dict[str, float]:
    """The figures by their keys, and how much was `found`. Raises `RuntimeError` with what it said instead."""
    module = "benchmarks.servers.chainlit_history"
    process = await asyncio.create_subprocess_exec(
        target.python,
        *("-m", module, what, *map(str, (threads, steps, times))),
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, **target.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{target.title} could not `{what}`:\n{complained.decode()}")
    figures: dict[str, float] = json.loads(said.splitlines()[-1])
    return figures
