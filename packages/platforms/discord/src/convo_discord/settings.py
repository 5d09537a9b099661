"""`[platforms.discord]`: which bot the app is, and what it listens to."""

from __future__ import annotations

from convo.bridge.settings import PlatformSettings
from pydantic import Field, SecretStr, field_validator

__all__ = ["DiscordSettings"]


class DiscordSettings(PlatformSettings):
    """The table `[platforms.discord]`. `DISCORD_BOT_TOKEN` in the environment is its `bot_token`."""

    bot_token: SecretStr = Field(description="The bot's token. Better in the environment than in a file.")
    message_content: bool = Field(
        True,
        description="Ask for the intent `Message Content`, which the Developer Portal has to grant. Without it the app "
        "reads direct messages, mentions and commands alone: in a thread, too, each message has to mention it.",
    )
    threads: bool = Field(
        True, description="Answer a mention in a thread of its own; else in the channel, which is one conversation."
    )
    channels: tuple[str, ...] = Field(
        (), description="Ids of channels and forums in which every message is for the app, mentioned or not."
    )
    ignore_bots: bool = Field(True, description="Do not answer what other bots and webhooks say.")
    file_limit_mb: float = Field(
        10.0, gt=0, le=500, description="The largest file that the servers take: 10, or more with boosts (50, 100)."
    )
    proxy: str | None = Field(None, description="The address of an HTTP proxy to Discord.")

    @field_validator("bot_token")
    @classmethod
    def _is_token(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value().strip().removeprefix("Bot ").strip()
        if not text or any(character.isspace() for character in text):
            raise ValueError("the token of a bot, as its page in the Developer Portal shows it once")
        return SecretStr(text)

    @field_validator("channels")
    @classmethod
    def _are_ids(cls, channels: tuple[str, ...]) -> tuple[str, ...]:
        for channel in channels:
            if not (channel.isascii() and channel.isdigit()):
                raise ValueError(f"ids, which are numbers; `{channel}` is none (in Discord: Copy Channel ID)")
        return channels
