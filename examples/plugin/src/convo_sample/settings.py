"""The table `[platforms.webhook]`."""

from __future__ import annotations

from convo.bridge import PlatformSettings
from pydantic import Field, SecretStr, field_validator

__all__ = ["WebhookSettings"]


class WebhookSettings(PlatformSettings):
    """The table `[platforms.webhook]`. `WEBHOOK_URL` and `WEBHOOK_SECRET` in the environment fill it, too."""

    url: str = Field(description="Where messages of the app are sent, as `https://example.com/hook`.")
    secret: SecretStr = Field(description="Signs what is sent both ways; at least 16 characters.")

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError(f"`{url}` is no address, as `https://example.com/hook`")
        return url

    @field_validator("secret")
    @classmethod
    def _is_long(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < 16:
            raise ValueError("is too short to be secret: it needs at least 16 characters")
        return secret
