"""The version of `convo-langchain`: this line alone says it."""

__version__ = "0.1.0"
