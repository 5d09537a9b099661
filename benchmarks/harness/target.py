"""Targets: what is measured side by side. One more is an entry of `TARGETS`, and a dialect if it speaks its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.harness.chat import Chat
from benchmarks.harness.dialects.bare import BareChat, WebsocketChat
from benchmarks.harness.dialects.chainlit import ChainlitChat, SignedInChainlitChat
from benchmarks.harness.dialects.convo import ConvoChat
from benchmarks.harness.peer import Peer

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True)
class Target:
    """A server, as the arguments with which Python starts it, and the client that speaks to it.

    It prints its URL; one that has `{port}` among its arguments is told its port instead. `imports` is what its users
    import. A `peer` brings an environment of its own.
    """

    name: str
    title: str
    arguments: tuple[str, ...]
    chat: type[Chat]
    imports: str
    environment: Mapping[str, str] = field(default_factory=dict)
    peer: Peer | None = None

    @property
    def python(self) -> str:
        return sys.executable if self.peer is None else str(self.peer.python)

    def serving(self, app: str, *flags: str) -> Target:
        """convo or Chainlit with another app."""
        apps = (CONVO_APP, CHAINLIT_APP)
        return replace(self, arguments=(*(app if one in apps else one for one in self.arguments), *flags))

    def keeping(self, history: Path) -> Target:
        """convo or Chainlit with its history in a SQLite file, and its user signed in where that needs one."""
        if self.peer is None:
            return replace(self, environment={**self.environment, "CONVO_DATA__URL": f"sqlite:///{history}"})
        kept = {"BENCHMARKS_HISTORY": str(history), "CHAINLIT_AUTH_SECRET": "not a secret, but long enough to sign by"}
        return replace(self, chat=SignedInChainlitChat, environment={**self.environment, **kept})


START = ("-m", "benchmarks.servers.start")
CONVO_APP = "benchmarks/servers/convo_app.py"
CHAINLIT_APP = "benchmarks/servers/chainlit_app.py"
CONVO_ENVIRONMENT = {
    "CONVO_LIMITS__COMMANDS_PER_SECOND": "1000000",  # a closed loop asks faster than a visitor may
    "CONVO_UI__CONFIRM_NEW_CHAT": "false",
}
CHAINLIT_RUN = ("-m", "chainlit", "run", "--headless")
CHAINLIT = Peer("chainlit", ("chainlit==2.12.*", "sqlalchemy[asyncio]==2.*", "aiosqlite==0.*"))

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target(
            "convo",
            "convo",
            (*START, "convo_cli", "run", CONVO_APP, "--port", "0", "--no-open"),
            ConvoChat,
            "convo",
            CONVO_ENVIRONMENT,
        ),
        Target(
            "convo-uvicorn",
            "convo on uvicorn",
            (*START, "benchmarks.servers.convo_uvicorn", CONVO_APP),
            ConvoChat,
            "convo",
            CONVO_ENVIRONMENT,
        ),
        Target(
            "chainlit",
            "Chainlit 2.12",
            (*CHAINLIT_RUN, CHAINLIT_APP, "--host", "127.0.0.1", "--port", "{port}"),
            ChainlitChat,
            "chainlit",
            {"CHAINLIT_APP_ROOT": str(CHAINLIT.files)},
            CHAINLIT,
        ),
        Target("bare", "bare Socket.IO", (*START, "benchmarks.servers.bare", "hypercorn"), BareChat, "socketio"),
        Target(
            "bare-uvicorn",
            "bare Socket.IO on uvicorn",
            (*START, "benchmarks.servers.bare", "uvicorn"),
            BareChat,
            "socketio",
        ),
        Target(
            "websocket",
            "bare WebSocket",
            (*START, "benchmarks.servers.websocket", "hypercorn"),
            WebsocketChat,
            "starlette.applications",
        ),
        Target(
            "websocket-uvicorn",
            "bare WebSocket on uvicorn",
            (*START, "benchmarks.servers.websocket", "uvicorn"),
            WebsocketChat,
            "starlette.applications",
        ),
    )
}
