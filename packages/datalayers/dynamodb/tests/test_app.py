"""An app whose settings name a table keeps its chats there."""

from __future__ import annotations

import convo
from convo.datalayer import Pagination
from convo.testing import ChatClient
from convo_dynamodb import DynamoDBDataLayer


def echo(url: str) -> convo.App:
    app = convo.App({"data": {"url": url}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(f"Echo: {message.content}").send()

    return app


async def test_a_chat_goes_on_after_a_restart(url: str) -> None:
    async with ChatClient(echo(url)) as chat:
        assert (await chat.send("hello")).content == "Echo: hello"
        thread_id = chat.thread_id
    layer = echo(url).create_data_layer()
    assert isinstance(layer, DynamoDBDataLayer)
    await layer.open()
    page = await layer.list_threads(None, Pagination())
    assert [thread.id for thread in page.threads] == [thread_id]
    stored = await layer.get_thread(thread_id)
    assert stored is not None
    assert [step.output for step in stored.state.steps] == ["hello", "Echo: hello"]
    await layer.close()
