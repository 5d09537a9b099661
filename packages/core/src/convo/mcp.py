"""MCP: the port to servers of the Model Context Protocol. `convo-mcp` implements it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from convo.run import Client

if TYPE_CHECKING:
    from convo.session import Session

__all__ = ["McpConnections", "McpConnector"]


class McpConnections(ABC):
    """Those of one session, each to a server that the App's settings name or let its user add.

    What is shown of them is the state's `mcp`. Each method returns the seq at which its effect is visible, and raises
    `CommandError`: `not-found` for a name that there is not.
    """

    @property
    @abstractmethod
    def sessions(self) -> Mapping[str, tuple[Any, Any]]:
        """By the name of each server that is connected: its `mcp.ClientSession`, and the connection."""

    @abstractmethod
    def connect(self, name: str, client: Client) -> int:
        """Begin to connect with a server, or try again. Does nothing where that is going on or done."""

    @abstractmethod
    def add(self, url: str, transport: Literal["http", "sse"], client: Client) -> tuple[int, str]:
        """Begin to connect with a server by its address. Returns the name it goes by in this session, too.

        Raises `CommandError`: `unsupported` where the settings let nobody add one, `invalid` for an address that they
        do not allow, `conflict` where there are as many as may be.
        """

    @abstractmethod
    def disconnect(self, name: str, client: Client) -> int:
        """Leave a server, and forget one that was added."""

    @abstractmethod
    def switch(self, name: str, tool: str, on: bool) -> int:
        """Let the App use a tool, or not."""

    @abstractmethod
    async def close(self, grace: float) -> None:
        """The session ends: leave all servers. What takes longer than `grace` seconds is broken off. Idempotent."""


McpConnector = Callable[["Session"], McpConnections]
