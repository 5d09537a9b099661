"""Start-up: what an author waits for after each start, and what a server weighs before anybody comes."""

from __future__ import annotations

import asyncio
import os
import resource
import time

import aiohttp

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.server import ENVIRONMENT, ROOT, Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

HIDE = 'import sys; sys.modules["aiohttp"] = None'  # as in `servers/start.py`; a peer has what it asks for
IMPORT = """
import sys, time
start = time.perf_counter()
import {}
print(time.perf_counter() - start, len(sys.modules))
"""


async def run(target: Target, size: Size) -> Sample:
    async with Server.start(target):
        pass  # warm: its modules are compiled now
    process = await asyncio.create_subprocess_exec(
        target.python,
        "-c",
        ("" if target.peer else HIDE) + IMPORT.format(target.imports),
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, **target.environment},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    imported, modules = out.split()
    values = {"import": float(imported)} | (await _help(target) if target.name == "convo" else {})
    start = time.perf_counter()
    async with Server.start(target) as server, aiohttp.ClientSession() as http, http.get(server.url) as response:
        await response.read()
        listening = time.perf_counter() - start
        cpu, rss = server.cpu(), server.rss()
    values |= {"listening": listening, "cpu": cpu, "rss": rss / 1e6}
    return Sample(values, {"modules": int(modules)})


async def _help(target: Target) -> dict[str, float]:
    """The CPU of `convo --help`: the least that every command costs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await asyncio.create_subprocess_exec(
        target.python, "-m", "convo_cli", "--help", cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    await process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"help": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


BENCHMARK = Benchmark(
    "startup",
    (
        Figure("help", "CPU of `convo --help`", "s", Goal(0.2)),
        Figure("import", "import of the user-facing package", "s", Goal(0.15)),
        Figure("listening", "start to the first response", "s", Goal(0.5)),
        Figure("cpu", "CPU of that", "s"),
        Figure("rss", "RSS then", "MB", Goal(60)),
    ),
    run,
)
