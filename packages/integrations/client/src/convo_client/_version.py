"""The version of `convo-client`: this line alone says it."""

__version__ = "0.1.0"
