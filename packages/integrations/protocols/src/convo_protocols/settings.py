"""`[integrations.protocols]`: which front doors are open, and what callers may do there."""

from __future__ import annotations

from typing import Literal

from convo.config import Section
from pydantic import Field

__all__ = ["DoorName", "ProtocolsSettings"]

DoorName = Literal["chat-completions", "responses", "ag-ui", "ai-sdk"]


class ProtocolsSettings(Section):
    """The table `[integrations.protocols]`; `protocols = true` is one with all defaults."""

    doors: tuple[DoorName, ...] = Field(
        ("chat-completions", "responses", "ag-ui", "ai-sdk"), description="Which protocols are answered."
    )
    instructions: bool = Field(
        False,
        description="Let callers give instructions: what they say as `system` or `developer` is in `chat_context`.",
    )
    stop_on_disconnect: bool = Field(True, description="Stop an answer whose caller has gone.")
    body_mb: float = Field(20.0, gt=0, description="The largest request, with the files in it.")
