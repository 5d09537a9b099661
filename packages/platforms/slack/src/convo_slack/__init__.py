"""A convo app in Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convo_slack._version import __version__

if TYPE_CHECKING:
    from convo_slack.bridge import SlackBridge
    from convo_slack.settings import SlackSettings

__all__ = ["SlackBridge", "SlackSettings", "__version__"]


def __getattr__(name: str) -> Any:
    """The bridge on first use, because it brings slack_sdk and aiohttp."""
    if name == "SlackBridge":
        from convo_slack.bridge import SlackBridge

        return SlackBridge
    if name == "SlackSettings":
        from convo_slack.settings import SlackSettings

        return SlackSettings
    raise AttributeError(f"module `convo_slack` has no attribute `{name}`")
