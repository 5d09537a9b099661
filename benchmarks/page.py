"""Page: how soon somebody who was never there can write and is answered, and what his browser fetches for it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.browser import chromium, tab
from benchmarks.harness.page import PAGES, Page
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

# Types and sends as soon as the page lets it: looked at in every frame, so nothing waits for us. Times begin with the
# navigation.
VISIT = """
const { composer, send, answer, text } = %s;
const visit = (window.visit = {});
function look() {
    const field = document.querySelector(composer);
    const button = document.querySelector(send);
    if (field && visit.seen === undefined) visit.seen = performance.now();
    if (field && visit.typed === undefined) {
        field.focus();
        if (document.execCommand("insertText", false, text)) visit.typed = performance.now();
    } else if (button && !button.disabled && visit.sent === undefined) {
        button.click();
        visit.sent = performance.now();
    } else if (visit.sent !== undefined) {
        const answers = [...document.querySelectorAll(answer)];
        if (answers.some(one => one.textContent.includes(text))) visit.answered = performance.now();
    }
    if (visit.answered === undefined) requestAnimationFrame(look);
}
requestAnimationFrame(look);
"""
TEXT = "greetings"


async def run(target: Target, size: Size) -> Sample:
    looks = PAGES[target.name]
    requests: dict[str, dict[str, Any]] = {}
    async with Server.start(target) as server, chromium() as browser:
        async with tab(browser, target) as one:  # Chromium itself is warm now
            await one.open(server.url)
        async with tab(browser, target, script=_visit(looks)) as one:
            one.cdp.on("Network.requestWillBeSent", lambda event: requests.update({event["requestId"]: event}))
            one.cdp.on(
                "Network.loadingFinished",
                lambda event: requests.get(event["requestId"], {}).update(bytes=event["encodedDataLength"]),
            )
            await one.cdp.send("Network.enable")
            await one.page.goto(server.url)
            await one.page.wait_for_function("() => window.visit.answered !== undefined")
            await one.page.wait_for_load_state()
            visit = await one.page.evaluate("() => window.visit")
            work = await one.work()
    scripts = [event.get("bytes", 0) for event in requests.values() if event["type"] == "Script"]
    hosts = {urlsplit(event["request"]["url"]).netloc for event in requests.values()}
    return Sample(
        {
            "usable": visit["sent"] / 1e3,
            "answered": visit["answered"] / 1e3,
            "task": work.task * 1e3,
            "script": sum(scripts) / 1e3,
            "requests": len(requests),
            "hosts": len(hosts - {urlsplit(server.url).netloc, ""}),
        },
        {"scripts": len(scripts), "hosts": len(hosts - {""})},
    )


def _visit(looks: Page) -> str:
    return VISIT % json.dumps({"composer": looks.composer, "send": looks.send, "answer": looks.answer, "text": TEXT})


BENCHMARK = Benchmark(
    "page",
    (
        Figure("usable", "cold: until a message can be typed and sent", "s", Goal(0.6)),
        Figure("answered", "cold: until it is answered", "s"),
        Figure("task", "main thread of that", "ms"),
        Figure("script", "JavaScript as it came", "kB", Goal(150)),
        Figure("requests", "requests", ""),
        Figure("hosts", "third-party hosts", "", Goal(0)),
    ),
    run,
    only=frozenset(PAGES),
    needs="chromium",
)
