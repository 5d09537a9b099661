"""An app whose files are in Google Cloud Storage, by one line of its settings."""

from __future__ import annotations

from pathlib import Path

import convo
from convo import MemoryDataLayer
from convo.principal import Principal
from convo.testing import ChatClient

ANN = Principal("ann")


async def test_files_are_there_after_a_restart_with_an_empty_disk(url: str) -> None:
    app = convo.App({"storage": {"url": url}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        [element] = message.elements
        assert element.path is not None
        shown = convo.Text(name="shown", content=Path(element.path).read_text().upper())
        await convo.Message("read", elements=[shown]).send()

    data_layer = MemoryDataLayer()
    async with ChatClient(app, data_layer=data_layer, principal=ANN) as chat:
        await chat.send("look", files=[await chat.upload(b"a,b", "grüße.csv")])
        thread, question = chat.thread_id, chat.messages[0].id

    async with ChatClient(app, data_layer=data_layer, principal=ANN, thread=thread) as chat:
        assert [(one.name, await chat.read(one)) for one in chat.elements()] == [
            ("grüße.csv", b"a,b"),
            ("shown", b"A,B"),
        ]
        assert (await chat.edit(question, "look again")).content == "read"
        await chat.directory.files.delete_thread(thread)
        storage = chat.directory.files.storage
        assert await storage.size("/".join((chat.elements()[0].url or "").split("/")[3::2])) is None
