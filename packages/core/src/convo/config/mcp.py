"""`[mcp]`: the servers of the Model Context Protocol that chats may be connected with."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializeAsAny, field_validator

from convo.config.leaves import read_leaves
from convo.config.section import Section
from convo.url_pattern import UrlPattern

__all__ = ["Mcp", "OwnServers"]


class OwnServers(Section):
    """The table `[mcp.own]`: servers that users connect by an address of their own. Without `allow`, there are none."""

    allow: tuple[str, ...] = Field(
        (),
        description="Which addresses users may enter: hosts, as `*.tools.example`, or beginnings of URLs.",
    )
    allow_private_hosts: bool = Field(
        False, description="Also those of this machine and of private networks, which is for development."
    )
    approval: Literal["ask", "allow"] = Field("ask", description="Whether users are asked before a tool is used.")
    most: int = Field(5, ge=1, le=50, description="How many of them a chat may have.")

    @field_validator("allow")
    @classmethod
    def _are_patterns(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            UrlPattern.parse(value)
        return values

    @property
    def patterns(self) -> tuple[UrlPattern, ...]:
        """`allow`, to compare addresses with."""
        return tuple(map(UrlPattern.parse, self.allow))


class Mcp(Section):
    """`[mcp]`: servers of the Model Context Protocol."""

    servers: dict[str, SerializeAsAny[Section]] = Field({}, description="Each a table `[mcp.servers.NAME]`.")
    own: OwnServers = OwnServers()  # type: ignore[call-arg]  # pydantic fills the defaults

    @property
    def is_on(self) -> bool:
        """Whether chats can be connected with any server."""
        return bool(self.servers or self.own.allow)

    @field_validator("servers", mode="before")
    @classmethod
    def _are_servers(cls, values: Any) -> Any:
        return read_leaves("mcp.servers", values)
