"""Browsers: a real Chromium, and tabs whose work is counted by Chromium itself."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, async_playwright
from playwright.async_api import Page as PlaywrightPage

from benchmarks.harness.page import PAGES, Page
from benchmarks.harness.target import Target
from benchmarks.servers.prose import LAST_WORD

__all__ = ["Answer", "Heap", "Tab", "Work", "chromium", "tab"]

PATIENCE_MS = 180_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What runs in the page. An answer is over when an element that was not there before says the last word.
WATCH = """selector => {
    const watch = (window.watch = { longest: 0, start: performance.now() });
    watch.before = [...document.querySelectorAll(selector)].at(-1);
    watch.observer = new PerformanceObserver(list => {
        for (const task of list.getEntries()) watch.longest = Math.max(watch.longest, task.duration);
    });
    watch.observer.observe({ type: "longtask" });
}"""
IS_OVER = """([selector, word]) => {
    const last = [...document.querySelectorAll(selector)].at(-1);
    return last !== undefined && last !== window.watch.before && last.textContent.includes(word);
}"""
RESULT = """() => {
    const { longest, start, observer } = window.watch;
    observer.disconnect();
    delete window.watch;
    return { longest: longest / 1000, seconds: (performance.now() - start) / 1000 };
}"""
FRAME_RATE = """seconds => new Promise(done => {
    let frames = 0;
    const start = performance.now();
    const count = now => {
        const passed = (now - start) / 1000;
        if (passed >= seconds) return done(frames / passed);
        frames += 1;
        requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
})"""


@dataclass(frozen=True)
class Work:
    """Seconds that a page's main thread has spent: in all tasks, and of these in scripts, layout and style."""

    task: float
    script: float
    layout: float
    style: float

    def __sub__(self, other: Work) -> Work:
        return Work(
            self.task - other.task,
            self.script - other.script,
            self.layout - other.layout,
            self.style - other.style,
        )


@dataclass(frozen=True)
class Heap:
    """What a page keeps after a full garbage collection."""

    bytes: float
    nodes: float
    listeners: float


@dataclass(frozen=True)
class Answer:
    """An answer as it was shown. `longest` is its longest task in seconds, zero when none took 50 ms."""

    seconds: float
    longest: float
    work: Work
    text: str


class Tab:
    """A tab, and what it costs."""

    def __init__(self, page: PlaywrightPage, cdp: CDPSession, looks: Page) -> None:
        self.page = page
        self.cdp = cdp
        self.looks = looks

    @classmethod
    async def of(cls, context: BrowserContext, looks: Page) -> Tab:
        page = await context.new_page()
        cdp = await context.new_cdp_session(page)
        await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        return cls(page, cdp, looks)

    async def replaced(self) -> Tab:
        """Another tab of the same visitor, with his cookies and his cache, in place of this one."""
        other = await Tab.of(self.page.context, self.looks)
        await self.page.close()
        return other

    async def open(self, url: str) -> None:
        """Until one can write. Chainlit's composer is there before it listens, hence the pause."""
        await self.page.goto(url)
        await self.page.locator(self.looks.composer).wait_for()
        await self.settle()

    async def say(self, text: str) -> None:
        await self.page.locator(self.looks.composer).focus()
        await self._type(text)

    async def _type(self, text: str) -> None:
        """Into what has the focus: without a script in the page, which would count as its work."""
        await self.page.keyboard.insert_text(text)
        await self.page.keyboard.press("Enter")

    async def ask(self, text: str, due: float = 0.0) -> Answer:
        """Say it and watch the answer, prose, until its last word is there. Nobody looks before it is `due`."""
        await self.page.locator(self.looks.composer).focus()
        await self.page.evaluate(WATCH, self.looks.answer)
        before = await self.work()
        await self._type(text)
        await asyncio.sleep(due)
        await self.page.wait_for_function(IS_OVER, arg=[self.looks.answer, LAST_WORD], polling=50, timeout=PATIENCE_MS)
        work = await self.work() - before
        result = await self.page.evaluate(RESULT)
        shown = str(await self.page.locator(self.looks.answer).last.text_content())
        return Answer(result["seconds"], result["longest"], work, shown)

    async def frame_rate(self, text: str, due: float) -> float:
        """Frames per second while an answer comes. Counting them costs the page some of its time."""
        rate, _ = await asyncio.gather(self.page.evaluate(FRAME_RATE, due), self.ask(text, due))
        return float(rate)

    async def fill(self, messages: int) -> None:
        """Fill the thread with that many messages, half of them answers in prose."""
        if messages == 0:
            return
        await self.say(f"fill {messages}")
        await self.page.get_by_text(f"Question {messages // 2 - 1}", exact=True).wait_for(timeout=PATIENCE_MS)
        await self.page.locator(self.looks.answer, has_text=LAST_WORD).last.wait_for(timeout=PATIENCE_MS)
        await self.settle()

    async def settle(self) -> None:
        """Until the page has done what it does when idle: colouring code, moving on from a hidden state."""
        await self.page.evaluate(
            "() => new Promise(done => setTimeout(() => requestIdleCallback(done, { timeout: 5000 }), 500))"
        )

    async def new_chat(self) -> None:
        for selector in self.looks.new_chat:
            await self.page.locator(selector).click()

    async def work(self) -> Work:
        metrics = await self._metrics()
        return Work(
            metrics["TaskDuration"],
            metrics["ScriptDuration"],
            metrics["LayoutDuration"],
            metrics["RecalcStyleDuration"],
        )

    async def heap(self) -> Heap:
        for _ in range(2):  # what the first one finalises, the second one frees
            await self.cdp.send("HeapProfiler.collectGarbage")
        metrics = await self._metrics()
        return Heap(metrics["JSHeapUsedSize"], metrics["Nodes"], metrics["JSEventListeners"])

    async def _metrics(self) -> dict[str, float]:
        answer: dict[str, Any] = await self.cdp.send("Performance.getMetrics")
        return {metric["name"]: metric["value"] for metric in answer["metrics"]}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Raises `RuntimeError` where there is none."""
    executable = shutil.which("chromium")
    if executable is None:
        raise RuntimeError("No Chromium; install it with: apt-get install -y --no-install-recommends chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab(browser: Browser, target: Target, *, script: str | None = None) -> AsyncIterator[Tab]:
    """A tab of a visitor who was never there: no cookies, no cache. `script` runs before the page's own."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    try:
        if script is not None:
            await context.add_init_script(script)
        yield await Tab.of(context, PAGES[target.name])
    finally:
        await context.close()
