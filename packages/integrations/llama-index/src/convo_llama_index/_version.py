"""The version of `convo-llama-index`: this line alone says it."""

__version__ = "0.1.0"
