"""The connections of one chat, by the names that its app's settings have, and those of servers that its user added."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

from convo.config import OwnServers
from convo.mcp import McpConnections
from convo.protocol import CommandError, McpServer, McpTool, StateFields, StatePatched
from convo.run import Client
from convo.session import Session
from msgspec.structs import replace

from convo_mcp.connection import Connection
from convo_mcp.grant import Grant, Grants
from convo_mcp.kept import Added, Kept
from convo_mcp.own import check_address, name_for, target_for
from convo_mcp.sign_in import SignIn
from convo_mcp.target import Target
from convo_mcp.words import Words

__all__ = ["Connections"]

ABORT_SECONDS = 6.0  # in which a process that does not end by itself is killed


class Connections(McpConnections):
    """Those of `chat`: with `targets`, which the settings name, and with what its user adds, as far as `own` says.

    What users chose of tools stays in the chat's state, for the next time, and which servers in `Kept`.
    """

    def __init__(
        self, chat: Session, targets: Mapping[str, Target], own: OwnServers, grants: Grants, words: Words
    ) -> None:
        self.words = words
        self._chat = chat
        self._targets = dict(targets)
        self._own = own
        self._grants = grants
        self._kept = Kept(chat)
        for name, added in self._kept.added.items():
            if name not in self._targets and (target := target_for(added, self._own)) is not None:
                self._targets[name] = target
        self._used: dict[str, Grant] = {}
        self._held: dict[str, Connection] = {}
        self._ending: set[Connection] = set()  # all whose tasks go on, also those that were left

    @property
    def sessions(self) -> Mapping[str, tuple[Any, Any]]:
        return {name: (one.session, one) for name, one in self._held.items() if one.session is not None}

    def begin(self, client: Client) -> None:
        """The chat begins, or goes on: connect what its user had connected, and what is connected at the start."""
        self._drop_unknown()
        for name, target in self._targets.items():
            if self._kept.wanted.get(name, target.settings.connect_at_start):
                self._connect(name, target, client)

    def connect(self, name: str, client: Client) -> int:
        target = self._target(name)
        self._kept.want(name, True)
        return self._connect(name, target, client)

    def add(self, url: str, transport: Literal["http", "sse"], client: Client) -> tuple[int, str]:
        added = Added(check_address(url, self._own), transport)
        known = next((name for name, one in self._kept.added.items() if one == added and name in self._targets), None)
        if known is not None:
            return self.connect(known, client), known
        if sum(target.is_own for target in self._targets.values()) >= self._own.most:
            raise CommandError(
                "conflict",
                f"A chat has {self._own.most} servers of your own at most. Remove one first.",
                key="mcpMost",
                details={"limit": self._own.most},
            )
        target = target_for(added, self._own)
        assert target is not None  # it was checked
        name = name_for(added.url, {*self._targets, *self._shown})
        self._kept.add(name, added)
        self._targets[name] = target
        return self.connect(name, client), name

    def _connect(self, name: str, target: Target, client: Client) -> int:
        held = self._held.get(name)
        if held is not None and not held.task.done():
            return self._chat.log.seq
        self._begin(name, target, client)
        return self.show(name, McpServer(state="connecting", tools=self.shown(name).tools))

    def sign_in(self, name: str, client: Client, redirect_uri: str) -> SignIn:
        """Let the user sign in at a server, who comes back to `redirect_uri`, and connect with it.

        Raises `CommandError`: `not-found` where nobody signs in, `conflict` where a connection is there or on its way.
        """
        target = self._target(name)
        if not target.has_sign_in:
            raise CommandError("not-found", "Nobody signs in at this MCP server.")
        shown = self.shown(name)
        if shown.state in ("connected", "connecting"):
            raise CommandError("conflict", "The chat is connected with this MCP server.")
        if (held := self._held.pop(name, None)) is not None:
            held.leave()
        sign_in = SignIn(redirect_uri)
        self._kept.want(name, True)
        self._begin(name, target, client, sign_in)
        self.show(name, McpServer(state="needs-sign-in", reason=None, tools=shown.tools))
        return sign_in

    def _begin(self, name: str, target: Target, client: Client, sign_in: SignIn | None = None) -> None:
        grant = None
        if target.has_sign_in:
            grant = self._used.get(name) or self._grants.join(self._chat.owner_id, target.key, self)
            self._used[name] = grant
        connection = Connection(self, name, target, self._chat, client, grant=grant, sign_in=sign_in)
        self._held[name] = connection
        self._ending.add(connection)
        connection.task.add_done_callback(lambda _: self._ending.discard(connection))

    def disconnect(self, name: str, client: Client) -> int:
        target = self._target(name)
        held = self._held.pop(name, None)
        if held is not None:
            held.leave()
        if (grant := self._used.pop(name, None)) is not None:
            self._grants.give_up(grant, self)
        if target.is_own:
            del self._targets[name]
            self._kept.forget(name)
            return self._hide({name})
        self._kept.want(name, False)
        if self.shown(name).state == "off":
            return self._chat.log.seq
        return self.show(name, McpServer(tools=self.shown(name).tools))

    def switch(self, name: str, tool: str, on: bool) -> int:
        """Turn a tool on or off; what was always allowed is asked again after it was off."""
        target = self._target(name)
        server = self.shown(name)
        if all(one.name != tool for one in server.tools):
            raise CommandError("not-found", "This server has no such tool.")
        must_ask = target.settings.approval_of(tool) == "ask"

        def switched(one: McpTool) -> McpTool:
            always = on and one.always
            return replace(one, on=on, asks=must_ask and not always, always=always)

        tools = [switched(one) if one.name == tool else one for one in server.tools]
        return self.show(name, replace(server, tools=tools))

    async def close(self, grace: float) -> None:
        ending = {one.task: one for one in self._ending}
        for connection in ending.values():
            connection.leave()
        late = await _wait(set(ending), grace)
        for task in late:
            ending[task].abort()
        for task in await _wait(late, ABORT_SECONDS):
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        for name in [name for name, server in self._shown.items() if server.state != "off"]:
            self.show(name, McpServer(tools=self.shown(name).tools))
        self._held.clear()
        for grant in self._used.values():
            self._grants.leave(grant, self)
        self._used.clear()

    # --- What is shown ---

    def shown(self, name: str) -> McpServer:
        """A server as the chat shows it."""
        return self._shown.get(name) or McpServer()

    def show(self, name: str, server: McpServer) -> int:
        """Show a server so, to every tab."""
        target = self._targets.get(name)
        server = replace(server, own=target is not None and target.is_own)
        return self._chat.log.append(StatePatched(set=StateFields(mcp={**self._shown, name: server})))

    def remember(self, name: str, tool: str) -> None:
        """The user need not be asked for this tool any more, in this chat."""
        server = self.shown(name)
        tools = [one if one.name != tool else replace(one, asks=False, always=True) for one in server.tools]
        self.show(name, replace(server, tools=tools))

    @property
    def _shown(self) -> Mapping[str, McpServer]:
        return self._chat.state.fields.get("mcp") or {}

    def _drop_unknown(self) -> None:
        """Show no longer what a user had added and the settings do not allow any more."""
        gone = {name for name, server in self._shown.items() if server.own and name not in self._targets}
        for name in gone:
            self._kept.forget(name)
        if gone:
            self._hide(gone)

    def _hide(self, names: set[str]) -> int:
        shown = {name: server for name, server in self._shown.items() if name not in names}
        return self._chat.log.append(StatePatched(set=StateFields(mcp=shown)))

    def _target(self, name: str) -> Target:
        target = self._targets.get(name)
        if target is None:
            raise CommandError("not-found", "There is no MCP server of this name.")
        return target


async def _wait(tasks: set[asyncio.Task[None]], seconds: float) -> set[asyncio.Task[None]]:
    """Those that are still going after so long."""
    return (await asyncio.wait(tasks, timeout=seconds))[1] if tasks else tasks
