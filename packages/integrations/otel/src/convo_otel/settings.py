"""`[integrations.otel]`: what goes out, and what is taken in."""

from __future__ import annotations

from convo.config import Section
from pydantic import Field

__all__ = ["OtelSettings"]


class OtelSettings(Section):
    """The table `[integrations.otel]`; `otel = true` is one with all defaults."""

    content: bool = Field(
        False, description="Put texts into spans: what users and models say, and what tools take and give."
    )
    steps: bool = Field(
        True, description="Show GenAI spans of frameworks as steps, where the process has a tracer provider of the SDK."
    )
