"""The version of `convo-gcs`: this line alone says it."""

__version__ = "0.1.0"
