"""`[server]`: where the app listens, and for whom."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from convo.config.section import Section
from convo.url_pattern import ORIGIN

__all__ = ["Server"]

_HOST = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


class Server(Section):
    """`[server]`: where the app listens."""

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535, description="0 takes a free one.")
    url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+(/\S*)?$",
        examples=["https://chat.example.com"],
        description="Where people open the app, for links to it that are shown elsewhere, as in Slack.",
    )
    root_path: str = Field(
        "", pattern=r"^(/[A-Za-z0-9._~-]+)*$", examples=["/chat"], description="Where the app is mounted, as `/chat`."
    )
    ssl_cert: str | None = Field(None, description="A certificate's file (PEM, with its chain), to serve by https.")
    ssl_key: str | None = Field(None, description="The file of its key, without a passphrase.")
    allowed_origins: tuple[str, ...] = Field((), description="Other origins that may talk to the app.")
    headless: bool = Field(False, description="Serve the API without the web app.")
    allowed_hosts: tuple[str, ...] = Field(
        (),
        description="The names the app is called by, as `chat.example.com`, `*.example.com` or `*`. Without any: every "
        "name, or those of this machine when only it can reach the app.",
    )
    trust_proxy: bool = Field(
        False, description="Believe `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-For`."
    )
    proxies: int = Field(1, ge=1, description="How many proxies add to these headers, where they are believed.")
    heartbeat_seconds: int = Field(25, ge=1, le=3600, description="How often an open socket is asked for a sign.")
    heartbeat_timeout_seconds: int = Field(
        20, ge=1, le=3600, description="How long it may take to give one, before it is held to be lost."
    )
    transports: tuple[Literal["websocket", "polling"], ...] = Field(
        ("websocket", "polling"), min_length=1, description="How browsers may be connected."
    )
    hsts_seconds: int = Field(
        31_536_000, ge=0, description="How long browsers keep to https, once they came by it; 0 says nothing of it."
    )

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not ORIGIN.fullmatch(origin.removesuffix("/")):
                raise ValueError(f"`{origin}` is no origin, as `https://shop.example`, without a path")
        return origins

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ValueError(f"`{host}` is no host, as `chat.example.com` or `*.example.com`, without a port")
        return hosts
