"""What a chat keeps of its servers for the next time: which it is to be connected with, and those its user added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from convo.session import Session
from msgspec.structs import replace

__all__ = ["Added", "Kept"]

KEY = "convo.mcp"
"""Of `user_session`, which is stored with the chat and shown to nobody: addresses may have a secret in them."""

Transport = Literal["http", "sse"]


class Added(msgspec.Struct, frozen=True):
    """A server by its address."""

    url: str
    transport: Transport = "http"


class _Memory(msgspec.Struct, frozen=True):
    wanted: dict[str, bool] = {}
    added: dict[str, Added] = {}


class Kept:
    """That of one `chat`, as it was stored and from now on."""

    def __init__(self, chat: Session) -> None:
        self._chat = chat
        try:
            self._memory = msgspec.convert(chat.values.get(KEY, {}), _Memory)
        except msgspec.ValidationError:  # whatever stands there
            self._memory = _Memory()

    @property
    def wanted(self) -> Mapping[str, bool]:
        """By name, for each server that the user has connected: `False` once he has left it."""
        return self._memory.wanted

    @property
    def added(self) -> Mapping[str, Added]:
        return self._memory.added

    def want(self, name: str, is_wanted: bool) -> None:
        if self.wanted.get(name) is not is_wanted:
            self._keep(replace(self._memory, wanted={**self.wanted, name: is_wanted}))

    def add(self, name: str, added: Added) -> None:
        self._keep(replace(self._memory, added={**self.added, name: added}))

    def forget(self, name: str) -> None:
        """A server that was added. Idempotent."""
        added = {one: kept for one, kept in self.added.items() if one != name}
        wanted = {one: kept for one, kept in self.wanted.items() if one != name}
        self._keep(_Memory(wanted, added))

    def _keep(self, memory: _Memory) -> None:
        self._memory = memory
        self._chat.keep_value(KEY, msgspec.to_builtins(memory))
