"""`[data]`: where history is kept."""

from __future__ import annotations

from pydantic import Field

from convo.config.section import Section

__all__ = ["Data"]


class Data(Section):
    """`[data]`: where history is kept."""

    url: str | None = Field(None, description="As `sqlite:///history.db`, or `memory`; without it, see docs/data.md.")
    migrate: bool = Field(
        True, description="Bring the tables up to date when the app starts; else `convo db upgrade` does it."
    )
    layer: str | None = Field(None, description="The data layer's name, if the URL does not say it.")
