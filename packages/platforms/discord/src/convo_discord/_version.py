"""The version of `convo-discord`: this line alone says it."""

__version__ = "0.1.0"
