"""`[storage]`: where files are kept."""

from __future__ import annotations

from pydantic import Field

from convo.config.section import Section

__all__ = ["Storage"]


class Storage(Section):
    """`[storage]`: where files are kept."""

    url: str | None = Field(
        None,
        description="A folder, or as `s3://bucket/prefix`, `azure://container`, `gs://bucket`; by default "
        "`.convo/files` where history is kept, else a temporary folder.",
    )
    provider: str | None = Field(None, description="The storage's name, if the URL does not say it.")
    redirect: bool = Field(False, description="Send browsers to the storage itself for images, media and downloads.")
