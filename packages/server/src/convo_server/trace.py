"""The trace that a request belongs to, by W3C Trace Context: runs that it starts go on with it."""

from __future__ import annotations

import re

from convo.run import Trace
from starlette.requests import HTTPConnection

__all__ = ["trace_of"]

STATE_LENGTH = 512  # what everybody has to pass on, by the standard
_PARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]{0,64})?")


def trace_of(http: HTTPConnection) -> Trace | None:
    """What the headers say; `None` when they say nothing, or nonsense."""
    parent = http.headers.get("traceparent", "").strip()
    if _PARENT.fullmatch(parent) is None:
        return None
    state = ",".join(http.headers.getlist("tracestate"))
    return Trace(parent, state if 0 < len(state) <= STATE_LENGTH else None)
