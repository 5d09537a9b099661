"""Servers of the Model Context Protocol in a convo chat: their tools as steps, their questions as asks."""

from convo_mcp._version import __version__
from convo_mcp.connection import Connection
from convo_mcp.install import install
from convo_mcp.settings import ServerSettings

__all__ = ["Connection", "ServerSettings", "__version__", "install"]
