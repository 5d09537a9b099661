"""Thread: opening one of 1,000 and of 5,000 messages by its address, and an answer of 300 tokens below the former."""

from __future__ import annotations

import json

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.browser import Tab, chromium, tab
from benchmarks.harness.page import PAGES
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target
from benchmarks.servers.prose import LAST_WORD

__all__ = ["BENCHMARK"]

RATE = 50

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
        again, shown = await _opened(one, messages)
        opening = await again.work()
        await again.settle()
        answer = await again.ask(f"prose {count} {RATE}", due=count / RATE)
        frames = await again.frame_rate(f"prose {shorter} {RATE}", shorter / RATE)
        await again.new_chat()
        _, shown_long = await _opened(again, size.of(5_000, 40))
    return Sample(
        {
            "opened": shown / 1e3,
            "opened-long": shown_long / 1e3,
            "opening": opening.task * 1e3,
            "answered": answer.seconds,
            "script": answer.work.script / count * 1e3,
            "frames": frames,
            "longest": answer.longest * 1e3,
        },
        {"messages": messages, "tokens": count},
    )


async def _opened(one: Tab, messages: int) -> tuple[Tab, float]:
    """A tab that opens the thread of `one` with so many messages, and how long that took in milliseconds."""
    await one.fill(messages)
    url = one.page.url
    again = await one.replaced()
    await again.page.goto(url)
    await again.page.wait_for_function("() => window.opening.shown !== undefined")
    return again, await again.page.evaluate("() => window.opening.shown")


BENCHMARK = Benchmark(
    "thread",
    (
        Figure("opened", "1,000 messages: until the last one is seen", "s", Goal(0.5)),
        Figure("opened-long", "5,000 messages: the same", "s", Goal(1)),
        Figure("opening", "main thread of that", "ms"),
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
