"""What the files of a Chainlit project become here. Nothing in it is imported by other commands."""

from __future__ import annotations

from convo_cli.chainlit.project import Project

__all__ = ["Project"]
