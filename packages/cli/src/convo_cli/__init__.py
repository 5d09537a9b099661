"""The `convo` command: runs an app from its file."""

from convo_cli._version import __version__

__all__ = ["__version__"]
