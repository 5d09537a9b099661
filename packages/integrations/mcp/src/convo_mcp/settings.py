"""`[mcp.servers.NAME]`: how a server is reached, and what users are asked before it does something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from convo.config.section import Section
from pydantic import Field, SecretStr, model_validator

__all__ = ["Approval", "OAuthSettings", "ServerSettings"]

Approval = Literal["ask", "allow", "off"]


class OAuthSettings(Section):
    """The table `[mcp.servers.NAME.oauth]`: as what users of the app sign in at a server."""

    client_id: str | None = Field(None, min_length=1, description="Of the app, where it does not register itself.")
    client_secret: SecretStr | None = Field(None, description="What comes with it, if anything does.")
    scope: str | None = Field(
        None, min_length=1, description="What to ask for, with spaces between; without it, what the server proposes."
    )

    @model_validator(mode="after")
    def _has_a_client_for_its_secret(self) -> OAuthSettings:
        if self.client_secret is not None and self.client_id is None:
            raise ValueError("a `client_secret` goes with a `client_id`.")
        return self


class ServerSettings(Section):
    """The table `[mcp.servers.NAME]`: a `command` to start for each chat, or a `url`."""

    command: str | None = Field(
        None, description="The program to start, which speaks MCP on its standard input and output."
    )
    args: tuple[str, ...] = Field((), description="Its arguments.")
    env: Mapping[str, SecretStr] = Field(
        {}, description="Its environment, beside `PATH`, `HOME` and the like: nothing else of the app's is passed on."
    )
    pass_env: tuple[str, ...] = Field((), description="Variables of the app's own environment that it gets, by name.")
    cwd: str | None = Field(None, description="The folder to start it in; without it, that of the app's process.")
    url: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        examples=["https://tickets.example/mcp"],
        description="Of a server that runs already.",
    )
    transport: Literal["http", "sse"] = Field(
        "http", description="What the `url` speaks: Streamable HTTP, or the older SSE."
    )
    headers: Mapping[str, SecretStr] = Field({}, description="What requests to the `url` carry, as `Authorization`.")
    oauth: OAuthSettings | None = Field(
        None, description="How users sign in; without it, as the server says when it asks for that."
    )
    description: str = Field("", description="What users read beside its name.")
    connect_at_start: bool = Field(False, description="Connect each chat as it begins, without being asked to.")
    approval: Literal["ask", "allow"] = Field("ask", description="Whether users are asked before a tool is used.")
    tools: Mapping[str, Approval] = Field(
        {}, description="The same for single tools; one that is `off` is not there for anybody."
    )
    connect_seconds: float = Field(30.0, gt=0, description="How long a server may take to be there.")
    call_seconds: float = Field(120.0, gt=0, description="How long a tool may work, without the time users take.")
    approval_seconds: float = Field(600.0, gt=0, description="How long a user has to answer.")

    @model_validator(mode="after")
    def _is_reached_in_one_way(self) -> ServerSettings:
        if (self.command is None) == (self.url is None):
            raise ValueError("a server has either a `command` or a `url`.")
        if self.url is None and (self.headers or self.transport != "http" or self.oauth is not None):
            raise ValueError("`headers`, `transport` and `oauth` go with a `url`.")
        if self.oauth is not None and self.has_token:
            raise ValueError("users sign in by `oauth`, or the app by an `Authorization` among its `headers`.")
        if self.command is None and (self.args or self.env or self.pass_env or self.cwd is not None):
            raise ValueError("`args`, `env`, `pass_env` and `cwd` go with a `command`.")
        return self

    @property
    def has_token(self) -> bool:
        """Whether the app itself is known to the server."""
        return any(name.lower() == "authorization" for name in self.headers)

    def approval_of(self, tool: str) -> Approval:
        """What holds for one tool."""
        return self.tools.get(tool, self.approval)
