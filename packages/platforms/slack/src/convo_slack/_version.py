"""The version of `convo-slack`: this line alone says it."""

__version__ = "0.1.0"
