"""The flags of the commands that run an app, and the settings they stand for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

__all__ = ["Debug", "Headless", "Host", "Open", "Port", "RootPath", "Watch", "as_settings"]

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


def as_settings(
    host: str | None, port: int | None, root_path: str | None, watch: bool, headless: bool, debug: bool
) -> dict[str, Any]:
    """The settings that the given flags override; a flag that was not given overrides nothing.

    `--watch` shows exceptions in the chat too: whoever watches is the app's author.
    """
    server = {"host": host, "port": port, "root_path": root_path, "headless": headless or None}
    settings: dict[str, Any] = {"server": {key: value for key, value in server.items() if value is not None}}
    if debug or watch:
        settings["debug"] = True
    return settings
