"""A convo app on Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convo_discord._version import __version__
from convo_discord.settings import DiscordSettings

if TYPE_CHECKING:
    from convo_discord.bridge import DiscordBridge

__all__ = ["DiscordBridge", "DiscordSettings", "__version__"]


def __getattr__(name: str) -> Any:
    """The bridge on first use: discord.py takes its time, and settings are read without it."""
    if name == "DiscordBridge":
        from convo_discord.bridge import DiscordBridge

        return DiscordBridge
    raise AttributeError(f"module `convo_discord` has no attribute `{name}`")
