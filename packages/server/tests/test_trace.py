"""The trace that a request says it belongs to reaches the run that it starts."""

from __future__ import annotations

import pytest
from convo.run import Trace
from convo_server.trace import trace_of
from starlette.requests import HTTPConnection

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def of(*headers: tuple[str, str]) -> Trace | None:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return trace_of(HTTPConnection({"type": "http", "headers": raw}))


def test_a_trace_and_its_state_are_taken() -> None:
    assert of(("traceparent", PARENT)) == Trace(PARENT)
    assert of(("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")) == Trace(PARENT, "a=1,b=2")


@pytest.mark.parametrize("parent", ["", "no", PARENT[:-1], PARENT.upper(), f"{PARENT}x", f"{PARENT}-" + "x" * 65])
def test_nonsense_is_no_trace(parent: str) -> None:
    assert of(("traceparent", parent), ("tracestate", "a=1")) is None


def test_a_state_without_end_is_left_out() -> None:
    assert of(("traceparent", PARENT), ("tracestate", "a=" + "x" * 600)) == Trace(PARENT)
