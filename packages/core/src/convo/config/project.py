"""`[project]`: who the app is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from convo.config.section import Section

__all__ = ["Project"]


class Project(Section):
    """`[project]`: who the app is."""

    name: str = Field("Assistant", min_length=1, description="Shown as the page's title and as author of messages.")
    description: str = Field("", description="What the app is for, in a sentence; shown where a chat begins.")
    user_env: tuple[str, ...] = Field((), description="Keys that each user is asked for, as `OPENAI_API_KEY`.")
    keep_user_env: Literal["tab", "browser"] = Field(
        "tab", description="How long a browser keeps them: until the tab is closed, or until they are removed."
    )
