"""Files of a convo app in Amazon S3 and what speaks its protocol."""

from convo_s3._version import __version__
from convo_s3.storage import S3Storage

__all__ = ["S3Storage", "__version__"]
