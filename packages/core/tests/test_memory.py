"""The in-memory data layer keeps the contract, within bounds."""

from collections.abc import Callable

import convo
import pytest
from convo.datalayer import DataLayer
from convo.testing import ChatClient, DataLayerSuite


class TestMemoryDataLayer(DataLayerSuite):
    @pytest.fixture
    def create_data_layer(self) -> Callable[[], DataLayer]:
        return convo.MemoryDataLayer


async def test_it_lets_go_of_the_oldest_threads_and_disturbs_nobody() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("ok").send()

    layer = convo.MemoryDataLayer(max_threads=2)
    async with ChatClient(app, data_layer=layer) as chat:
        others = [await chat.new_chat() for _ in range(3)]
        for client in (chat, *others):
            await client.send("hi")
            await client.until(lambda client=client: client.state.saved.seq)
        await chat.send("still here")
        await chat.until(lambda: chat.state.saved.since is None)

        assert await layer.get_thread(chat.thread_id) is None
        assert await layer.get_thread(others[-1].thread_id) is not None
