"""An app whose files are in Azure Blob Storage, by one line of its settings."""

from __future__ import annotations

import convo
from convo.testing import ChatClient
from convo_azure_blob import AzureBlobStorage


async def test_one_line_of_settings_is_enough(url: str) -> None:
    async with ChatClient(convo.App({"storage": {"url": url}})) as chat:
        assert isinstance(chat.directory.files.storage, AzureBlobStorage)
