"""The version of `convo-run`: this line alone says it."""

__version__ = "0.1.0"
