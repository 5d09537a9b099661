"""The app as its users meet it; `chat` is Bob's, a member's."""

import convo
import pytest
from convo.protocol import CommandError
from convo.testing import ChatClient

from .conftest import ANN, BOB


async def test_it_knows_who_is_speaking(chat: ChatClient) -> None:
    assert (await chat.send("hello")).content.strip() == "Bob, you said: hello"


async def test_an_admin_has_a_profile_more_that_lists_the_users(convo_app: convo.App) -> None:
    async with ChatClient(convo_app, user=ANN, profile="office") as chat:
        assert "| name | role |" in (await chat.send("Who?")).content


async def test_a_member_cannot_take_that_profile(convo_app: convo.App) -> None:
    with pytest.raises(CommandError):
        async with ChatClient(convo_app, user=BOB, profile="office") as chat:
            await chat.send("Who?")
