"""The version of `convo-mcp`: this line alone says it."""

__version__ = "0.1.0"
