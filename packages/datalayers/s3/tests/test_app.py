"""An app whose files are in S3, by one line of its settings."""

from __future__ import annotations

import convo
from convo.testing import ChatClient
from convo_s3 import S3Storage


async def test_one_line_of_settings_is_enough(url: str) -> None:
    async with ChatClient(convo.App({"storage": {"url": url}})) as chat:
        assert isinstance(chat.directory.files.storage, S3Storage)
