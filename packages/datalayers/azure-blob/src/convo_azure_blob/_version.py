"""The version of `convo-azure-blob`: this line alone says it."""

__version__ = "0.1.0"
