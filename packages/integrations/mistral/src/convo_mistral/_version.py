"""The version of `convo-mistral`: this line alone says it."""

__version__ = "0.1.0"
