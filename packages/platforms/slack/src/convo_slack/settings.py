"""`[platforms.slack]`: which Slack app this is, and how it behaves there."""

from __future__ import annotations

from typing import Literal

from convo.bridge import PlatformSettings
from pydantic import Field, SecretStr

__all__ = ["SCOPES", "SlackSettings"]

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "reactions:read",
    "reactions:write",
    "users:read",
    "users:read.email",
)
"""What the bridge may be asked to do takes these scopes of a bot token."""


class SlackSettings(PlatformSettings):
    """The table `[platforms.slack]`. `SLACK_BOT_TOKEN` and the like in the environment fill it, too."""

    bot_token: SecretStr | None = Field(None, description="Of one workspace, as `xoxb-…`.")
    app_token: SecretStr | None = Field(
        None, description="Of the Slack app, as `xapp-…`: events come through Socket Mode, without a public address."
    )
    websocket_token: SecretStr | None = Field(None, description="What Chainlit calls `app_token`.")
    signing_secret: SecretStr | None = Field(
        None, description="Of the Slack app: events may come to `/slack/events`, and are known to be Slack's by it."
    )
    client_id: str | None = Field(None, description="Of the Slack app, to be installed in many workspaces.")
    client_secret: SecretStr | None = Field(None, description="The same. It signs what `/slack/install` hands out.")
    scopes: tuple[str, ...] = Field(SCOPES, description="What `/slack/install` asks for.")
    installations: str | None = Field(
        None, description="The folder for the tokens of workspaces; without it, `slack` in the app's `.convo`."
    )
    base_url: str = Field("https://slack.com/api/", description="As `https://slack-gov.com/api/` for GovSlack.")
    streaming: Literal["native", "edits"] = Field(
        "native", description="How answers grow: as a stream of Slack's where it can be, or by edits of the message."
    )
    markup: Literal["markdown", "mrkdwn"] = Field(
        "markdown",
        description="Slack's `markdown` blocks show tables, headings and code; `mrkdwn` is its older markup.",
    )
    mentions: Literal["none", "users"] = Field(
        "none", description="Whom a text of the app may ping: nobody, or the users it names as `<@U123>`."
    )
    thread_replies: Literal["mention", "all"] = Field(
        "mention", description="What is answered in a thread of a channel the app takes part in: mentions, or all."
    )
    reaction_on_message_received: bool = Field(False, description="Mark a message by a reaction once it was received.")
    received_reaction: str = Field("eyes", pattern=r"^[a-z0-9_+'-]+$", description="Which reaction that is.")
    answer_bots: bool = Field(False, description="Answer messages of other bots and of workflows, too.")
    home: bool = Field(True, description="Show what the app does, and its starters, on its home page in Slack.")

    @property
    def socket_token(self) -> str | None:
        """The token of Socket Mode, by either of its names."""
        token = self.app_token or self.websocket_token
        return None if token is None else token.get_secret_value()
