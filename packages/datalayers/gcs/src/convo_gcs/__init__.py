"""Files of a convo app in Google Cloud Storage."""

from convo_gcs._version import __version__
from convo_gcs.storage import GCSStorage

__all__ = ["GCSStorage", "__version__"]
