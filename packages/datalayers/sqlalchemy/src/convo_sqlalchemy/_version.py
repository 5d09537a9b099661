"""The version of `convo-sqlalchemy`: this line alone says it."""

__version__ = "0.1.0"
