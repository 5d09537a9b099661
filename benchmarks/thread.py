"""Thread: opening one of 1,000 and of 5,000 messages, live and from SQLite; 300 tokens below the former."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.browser import Tab, chromium, tab
from benchmarks.harness.page import PAGES
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target
from benchmarks.servers.prose import LAST_WORD

__all__ = ["BENCHMARK"]

RATE = 50
IDLE_SECONDS = 1

# In the frame after its last message can be seen. Times begin with the navigation.
OPENING = """
const { answer, word } = %s;
const opening = (window.opening = {});
function look() {
    const last = [...document.querySelectorAll(answer)].at(-1);
    const isThere = last?.textContent.includes(word) && last.getBoundingClientRect().bottom <= innerHeight;
    if (isThere) opening.shown = performance.now();
    else requestAnimationFrame(look);
}
requestAnimationFrame(look);
"""


async def run(target: Target, size: Size) -> Sample:
    messages, count, shorter = size.of(1_000, 20), size.of(300, 25), size.of(100, 10)
    looks = PAGES[target.name]
    script = OPENING % json.dumps({"answer": looks.answer, "word": LAST_WORD})
    async with (
        Server.start(target) as server,
        chromium() as browser,
        tab(browser, target, script=script) as one,
    ):
        await one.open(server.url)
        again, opened = await _opened(one, server, messages)
        opening = await again.work()
        await again.settle()
        answer = await again.ask(f"prose {count} {RATE}", due=count / RATE)
        frames = await again.frame_rate(f"prose {shorter} {RATE}", shorter / RATE)
        await again.new_chat()
        _, long = await _opened(again, server, size.of(5_000, 40))
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "CONVO_DATA__URL": f"sqlite:///{Path(folder) / 'history.db'}",
            "CONVO_LIMITS__SESSION_TIMEOUT": str(IDLE_SECONDS),
        }
        async with (
            Server.start(target, environment) as server,
            chromium() as browser,
            tab(browser, target, script=script) as one,
        ):
            await one.open(server.url)
            _, stored = await _opened(one, server, size.of(5_000, 40), pause=3 * IDLE_SECONDS)
    return Sample(
        {
            "opened": opened.seconds,
            "opened-long": long.seconds,
            "opened-stored": stored.seconds,
            "opened-cpu": long.cpu * 1e3,
            "stored-cpu": stored.cpu * 1e3,
            "opened-bytes": long.bytes / 1e3,
            "opening": opening.task * 1e3,
            "answered": answer.seconds,
            "script": answer.work.script / count * 1e3,
            "frames": frames,
            "longest": answer.longest * 1e3,
        },
        {"messages": messages, "tokens": count},
    )


@dataclass(frozen=True)
class Opening:
    """What it took until the last message was seen: seconds, the server's CPU seconds, bytes through the socket."""

    seconds: float
    cpu: float
    bytes: int


async def _opened(one: Tab, server: Server, messages: int, pause: float = 0) -> tuple[Tab, Opening]:
    """A tab that opens the thread of `one` with so many messages, after a `pause` in which nobody has it open."""
    await one.fill(messages)
    url = one.page.url
    again = await one.replaced()
    await asyncio.sleep(pause)
    frames: list[int] = []
    again.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(len(frame))))
    before = server.cpu()
    await again.page.goto(url)
    await again.page.wait_for_function("() => window.opening.shown !== undefined")
    cpu = server.cpu() - before
    shown = await again.page.evaluate("() => window.opening.shown")
    return again, Opening(shown / 1e3, cpu, sum(frames))


BENCHMARK = Benchmark(
    "thread",
    (
        Figure("opened", "1,000 messages: until the last one is seen", "s", Goal(0.5)),
        Figure("opened-long", "5,000 messages: the same", "s", Goal(1)),
        Figure("opened-stored", "5,000 messages from SQLite, where nobody had them open", "s", Goal(1)),
        Figure("opened-cpu", "server CPU of opening 5,000 messages, the page included", "ms"),
        Figure("stored-cpu", "the same from SQLite", "ms"),
        Figure("opened-bytes", "bytes through the socket to open 5,000 messages", "kB"),
        Figure("opening", "main thread of opening 1,000 messages", "ms"),
        Figure("answered", "300 tokens below them at 50 a second", "s", Goal(6.3)),
        Figure("script", "script per token of that", "ms", Goal(1)),
        Figure("frames", "frames per second of that", "/s", Goal(50, is_least=True)),
        Figure("longest", "longest task of that; 0 if none took 50", "ms", Goal(50)),
    ),
    run,
    repeats=3,
    only=frozenset({"convo"}),  # Chainlit keeps a thread's address only with a data layer and a login
    needs="chromium",
)
