"""The version of `convo-teams`: this line alone says it."""

__version__ = "0.1.0"
