"""The MCP servers: whether what they are started with is there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from convo import Config

from convo_cli.doctor.finding import Finding, broken, fine, warning

__all__ = ["check_servers"]


def check_servers(config: Config) -> Iterator[Finding]:
    """Of the settings, for each server that is a command, and for those that users bring. Starts none of them."""
    for name, server in config.mcp.servers.items():
        command, cwd = getattr(server, "command", None), getattr(server, "cwd", None)
        place = f"`[mcp.servers.{name}]`"
        if command is None:
            continue
        if cwd is not None and not Path(cwd).is_dir():
            yield broken("mcp", f"`{name}`: there is no folder `{cwd}`.", f"See `cwd` under {place}.")
        elif shutil.which(command, path=_path_of(server)) is None:
            fix = f"Install it, or give its path as `command` under {place}."
            yield broken("mcp", f"`{name}`: there is no command `{command}`.", fix)
        else:
            yield fine("mcp", f"`{name}`: `{command}` is there.")
    own = config.mcp.own
    if own.allow and own.allow_private_hosts:
        yield warning(
            "mcp",
            "Users can have the app connect to servers of this machine and of its network.",
            "Leave `allow_private_hosts` under `[mcp.own]` out where the app is for others.",
        )


def _path_of(server: object) -> str | None:
    """Where its command is looked for, if its environment says so."""
    path = getattr(server, "env", {}).get("PATH")
    return None if path is None else path.get_secret_value()
