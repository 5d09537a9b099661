"""The version of `convo-semantic-kernel`: this line alone says it."""

__version__ = "0.1.0"
