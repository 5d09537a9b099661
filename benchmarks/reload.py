"""Reload: an app of 20 modules, from a saved file to its answer in the same session, and until a tab knows of it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import cast

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.chat import chats
from benchmarks.harness.dialects.tab import Tab
from benchmarks.harness.quantile import quantile
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

APP = """
import convo
from parts.part0 import value

@convo.on_message
async def answer(message: convo.Message) -> None:
    count = convo.user_session.get("count", 0) + 1
    convo.user_session.set("count", count)
    await convo.Message(f"version {version} {{count}}").send()
"""
BROKEN = "async def answer("
PARTS = 18  # beside the package itself and the app's file: 20 modules
ASK_SECONDS = 0.005
CALM_SECONDS = 0.3  # between saves


async def run(target: Target, size: Size) -> Sample:
    saves = size.of(8, 1)
    answered: list[float] = []
    known: list[float] = []
    cleared: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "app.py"
        _write_parts(Path(folder) / "parts")
        file.write_text(APP.format(version=0))
        watched = target.serving(str(file), "--watch")
        async with Server.start(watched) as server, chats(Tab, server.url, 1) as (chat,):
            tab, asked = cast("Tab", chat), 0
            for version in range(1, saves + 1):
                await asyncio.sleep(CALM_SECONDS)
                start = time.monotonic()
                file.write_text(APP.format(version=version))
                text = ""
                while not text.startswith(f"version {version} "):
                    await asyncio.sleep(ASK_SECONDS)
                    text, asked = (await tab.ask("Which?")).text, asked + 1
                answered.append(time.monotonic() - start)
                if text != f"version {version} {asked}":
                    raise AssertionError(f"The session was not kept: {text!r} after {asked} questions")
                known.append(await _until_heard(tab, "notice-posted", file, BROKEN))
                cleared.append(await _until_heard(tab, "notice-cleared", file, APP.format(version=version)))
    return Sample(
        {
            "answered": quantile(answered, 0.5) * 1e3,
            "known": quantile(known, 0.5) * 1e3,
            "cleared": quantile(cleared, 0.5) * 1e3,
            "slowest": max(answered + known + cleared) * 1e3,
        },
        {"saves": len(answered + known + cleared)},
    )


def _write_parts(folder: Path) -> None:
    """A package whose modules import each other in a row, and some of the standard library."""
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    functions = "\n".join(f"def function{n}(a, b={n}):\n    return [a, b, {n}]\n" for n in range(50))
    for number in range(PARTS):
        later = f"from parts.part{number + 1} import value" if number + 1 < PARTS else "value = 1"
        (folder / f"part{number}.py").write_text(f"import dataclasses, json, re\n{later}\n\n{functions}")


async def _until_heard(tab: Tab, kind: str, file: Path, text: str) -> float:
    """Seconds from saving `text` to the event."""
    await asyncio.sleep(CALM_SECONDS)
    hearing = asyncio.create_task(tab.hears(kind))
    await asyncio.sleep(0)
    start = time.monotonic()
    file.write_text(text)
    return await hearing - start


BENCHMARK = Benchmark(
    "reload",
    (
        Figure("answered", "save to the answer of the new code, session kept, p50", "ms", Goal(300)),
        Figure("known", "broken save to the tab's knowing it, p50", "ms", Goal(300)),
        Figure("cleared", "mended save to the tab's knowing it, p50", "ms", Goal(300)),
        Figure("slowest", "slowest of all", "ms"),
    ),
    run,
    repeats=3,
    only=frozenset({"convo"}),
)
