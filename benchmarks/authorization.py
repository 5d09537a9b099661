"""Authorization: what it costs to know who asks and to say whether he may, for a command and for a request."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import convo
from convo.allowance import Allowance
from convo.memory import MemoryDataLayer
from convo.principal import Principal, authorize
from convo.quota import Quota
from convo_server import create_app
from convo_server.gate import Gate
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from benchmarks.harness.benchmark import Benchmark, Figure, Goal, Sample, Size
from benchmarks.harness.target import Target

__all__ = ["BENCHMARK"]


async def run(_: Target, size: Size) -> Sample:
    count = size.of(100_000, 1_000)
    app = convo.App({"server": {"headless": True, "trust_proxy": True}}, data_layer=MemoryDataLayer())
    web = create_app(app, {"limits": {"requests_per_second": 1e9}})
    async with web.router.lifespan_context(web):
        host = web.state.host
        principal, quota = Principal("somebody"), Quota(host.config)
        allowance = Allowance(1e9)

        def command() -> None:
            allowance.spend()
            authorize(principal, "message", "somebody")
            quota.check_runs()

        scope = _scope()
        response = Response()
        await host.authentication.welcome(Request(scope), response)
        cookie = response.headers["set-cookie"].partition(";")[0]
        scope["headers"].append((b"cookie", cookie.encode()))

        async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
            await host.authentication.authenticate(Request(scope))

        gate = Gate(endpoint, host.config, host.origins)

        async def request() -> None:
            await gate(scope, _receive, _send)

        values = {"command": _each(command, count), "request": await _each_awaited(request, count // 10)}
    return Sample({key: seconds * 1e6 for key, seconds in values.items()}, {"commands": count})


def _scope() -> Scope:
    headers = {
        "host": "chat.example",
        "origin": "https://chat.example",
        "x-forwarded-proto": "https",
        "x-forwarded-for": "203.0.113.7",
        "sec-fetch-site": "same-origin",
    }
    return {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/threads",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("10.0.0.1", 1234),
        "scheme": "http",
        "query_string": b"",
    }


async def _receive() -> dict[str, object]:
    return {"type": "http.disconnect"}


async def _send(message: object) -> None:
    raise AssertionError(f"Refused: {message}")


def _each(work: Callable[[], None], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - began) / count


async def _each_awaited(work: Callable[[], Awaitable[None]], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        await work()
    return (time.perf_counter() - began) / count


BENCHMARK = Benchmark(
    "authorization",
    (
        Figure("command", "authorization of a command", "µs", Goal(20)),
        Figure("request", "knowing who makes a request, its host, origin and address", "µs"),
    ),
    run,
    only=frozenset({"convo"}),
)
