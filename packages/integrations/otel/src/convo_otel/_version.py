"""The version of `convo-otel`: this line alone says it."""

__version__ = "0.1.0"
