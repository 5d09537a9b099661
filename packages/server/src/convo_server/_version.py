"""The version of `convo-server`: this line alone says it."""

__version__ = "0.1.0"
