"""The version of `convo-s3`: this line alone says it."""

__version__ = "0.1.0"
