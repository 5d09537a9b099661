"""The version of `convo-openai`: this line alone says it."""

__version__ = "0.1.0"
