"""Targets: what is measured side by side. A peer becomes one more entry of `TARGETS`, with its dialect in `chat.py`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.harness.chat import BareChat, Chat, ConvoChat

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True)
class Target:
    """A server, as the command that starts it and prints its URL, and the client that speaks to it."""

    name: str
    title: str
    command: tuple[str, ...]
    chat: type[Chat]
    imports: str
    environment: Mapping[str, str] = field(default_factory=dict)


START = (sys.executable, "-m", "benchmarks.servers.start")

TARGETS: Mapping[str, Target] = {
    "convo": Target(
        "convo",
        "convo",
        (*START, "convo_cli", "run", "benchmarks/servers/convo_app.py", "--port", "0", "--no-open"),
        ConvoChat,
        "convo",
        {"CONVO_LIMITS__COMMANDS_PER_SECOND": "1000000"},  # a closed loop asks faster than any visitor may
    ),
    "bare": Target("bare", "bare python-socketio", (*START, "benchmarks.servers.bare"), BareChat, "socketio"),
}
