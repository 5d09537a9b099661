"""A convo app on Microsoft Teams."""

from convo_teams._version import __version__

__all__ = ["__version__"]
