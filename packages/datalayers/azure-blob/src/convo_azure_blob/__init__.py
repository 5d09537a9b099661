"""Files of a convo app in Azure Blob Storage."""

from convo_azure_blob._version import __version__
from convo_azure_blob.storage import AzureBlobStorage

__all__ = ["AzureBlobStorage", "__version__"]
