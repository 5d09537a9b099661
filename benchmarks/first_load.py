"""First load: what the page makes a browser fetch, by what it names, and what serving that costs."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urljoin, urlsplit

import aiohttp

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.server import Server
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]

_IMPORT = re.compile(r"""(?:^|[;}\s])(?:import|export)\s*(?:[\w*{}\s,$]+?\s*from)?\s*["'`](\.[^"'`]+\.js)["'`]""")

TARGETS = frozenset({"convo", "convo-uvicorn", "chainlit"})  # that have a page
_TAG = re.compile(r"<(?:script|link|img)\b(?![^>]*preconnect)[^>]*?\b(?:src|href)=[\"']([^\"']+)[\"'][^>]*>")


async def load(http: aiohttp.ClientSession, url: str) -> dict[str, bytes]:
    """Everything the page names, as it came over the wire, by URL; the page first. What others serve is empty."""
    page = await fetch(http, url, "identity")
    base = re.search(r"<base href=[\"']([^\"']*)", page.decode())
    root = urljoin(url, base[1]) if base else url
    urls = [urljoin(root, name) for name in _TAG.findall(page.decode())]
    own = urlsplit(url).netloc
    return {url: page} | {
        one: await fetch(http, one, "gzip") if urlsplit(one).netloc == own else b"" for one in dict.fromkeys(urls)
    }


async def fetch(http: aiohttp.ClientSession, url: str, encoding: str) -> bytes:
    async with http.get(url, headers={"Accept-Encoding": encoding}) as response:
        response.raise_for_status()
        return await response.read()


async def weigh_widget(http: aiohttp.ClientSession, url: str) -> tuple[int, int]:
    """Bytes of the widget's script, and of that with what its first opening loads and the modules that those import."""
    script = await fetch(http, urljoin(url, "copilot/index.js"), "gzip")
    loaded: dict[str, int] = {}
    wanted = [urljoin(url, "copilot/0/copilot/chat.js")] if b"mountConvoWidget" in unpacked(script) else []
    while wanted:
        one = wanted.pop()
        if one not in loaded:
            body = await fetch(http, one, "gzip")
            loaded[one] = len(body)
            wanted += [urljoin(one, name) for name in _IMPORT.findall(unpacked(body).decode())]
    return len(script), len(script) + sum(loaded.values())


def unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


async def run(target: Target, size: Size) -> Sample:
    loads = size.of(20, 3)
    async with Server.start(target) as server, aiohttp.ClientSession(auto_decompress=False) as http:
        files = await load(http, server.url)
        before = server.cpu()
        for _ in range(loads):
            await load(http, server.url)
        spent = server.cpu() - before
        widget, opened = await weigh_widget(http, server.url)
    host = urlsplit(server.url).netloc
    scripts = sum(len(body) for url, body in files.items() if url.endswith(".js"))
    return Sample(
        {
            "script": scripts / 1e3,
            "widget": widget / 1e3,
            "opened": opened / 1e3,
            "requests": len(files),
            "hosts": len({urlsplit(url).netloc for url in files} - {host}),
            "cpu": spent / loads * 1e3,
        },
        {"requests": len(files), "scripts": sum(url.endswith(".js") for url in files)},
    )


BENCHMARK = Benchmark(
    "first_load",
    (
        Figure("script", "JavaScript, gzipped", "kB", Goal(150)),
        Figure("widget", "script of the widget, gzipped", "kB", Goal(15)),
        Figure("opened", "script and what its first opening loads, gzipped", "kB", Goal(120)),
        Figure("requests", "requests before the socket", ""),
        Figure("hosts", "third-party hosts", "", Goal(0)),
        Figure("cpu", "server CPU to serve the page with all it names", "ms", Goal(5)),
    ),
    run,
    repeats=3,
    only=TARGETS,
)
