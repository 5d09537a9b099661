"""The flags of the commands that run an app, and the settings they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

__all__ = [
    "Debug",
    "Headless",
    "Host",
    "LogFormat",
    "Open",
    "Port",
    "RootPath",
    "SslCert",
    "SslKey",
    "Watch",
    "Workers",
    "as_settings",
]

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.", show_default="127.0.0.1")]
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.", show_default="8000"),
]
RootPath = Annotated[str | None, typer.Option("--root-path", help="Path the app is served under, as /chat.")]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Reload when a file changes; chats stay open.")]
Headless = Annotated[bool, typer.Option("--headless", help="Serve the API without the web app.")]
Debug = Annotated[bool, typer.Option("--debug", "-d", help="Log more, and show exceptions in the chat.")]
Open = Annotated[
    bool | None,
    typer.Option("--open/--no-open", help="Open the browser.", show_default="when there is a display"),
]
SslCert = Annotated[
    Path | None, typer.Option("--ssl-cert", metavar="FILE", help="Certificate (PEM), to serve by https.")
]
SslKey = Annotated[Path | None, typer.Option("--ssl-key", metavar="FILE", help="The certificate's key (PEM).")]
LogFormat = Annotated[
    Literal["text", "json"], typer.Option("--log-format", help="How to log: lines to read, or a JSON object a line.")
]


def _one(count: int) -> int:
    if count > 1:
        raise typer.BadParameter(
            "one process serves an app for now, since a chat lives in the memory of one. Leave it out; to run several "
            "behind a balancer, see docs/serving.md."
        )
    return count


Workers = Annotated[int, typer.Option("--workers", min=1, callback=_one, help="Reserved; 1 is all there is today.")]


def as_settings(
    host: str | None,
    port: int | None,
    root_path: str | None,
    watch: bool,
    headless: bool,
    debug: bool,
    ssl_cert: Path | None = None,
    ssl_key: Path | None = None,
) -> dict[str, Any]:
    """The settings that the given flags override; a flag that was not given overrides nothing.

    `--watch` shows exceptions in the chat too: whoever watches is the app's author.
    """
    server = {
        "host": host,
        "port": port,
        "root_path": root_path,
        "headless": headless or None,
        "ssl_cert": None if ssl_cert is None else str(ssl_cert),
        "ssl_key": None if ssl_key is None else str(ssl_key),
    }
    settings: dict[str, Any] = {"server": {key: value for key, value in server.items() if value is not None}}
    if debug or watch:
        settings["debug"] = True
    return settings
