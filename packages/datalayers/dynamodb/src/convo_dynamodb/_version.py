"""The version of `convo-dynamodb`: this line alone says it."""

__version__ = "0.1.0"
