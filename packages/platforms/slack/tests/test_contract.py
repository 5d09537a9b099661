"""The contract of bridges, on a Slack that speaks its wire format: answers that are edited, and answers that stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from convo.testing import BridgeSuite
from convo.testing.process import until

from tests.platforms.fakes.slack import FakeSlack
from tests.platforms.people.slack import SlackPeople

pytestmark = pytest.mark.timeout(180)


class TestEdits(BridgeSuite):
    @pytest_asyncio.fixture
    async def driver(self) -> AsyncIterator[SlackPeople]:
        async with FakeSlack() as slack:
            yield SlackPeople(slack, streaming="edits")
            assert slack.pings == []


class TestStreams(BridgeSuite):
    @pytest_asyncio.fixture
    async def driver(self) -> AsyncIterator[SlackPeople]:
        async with FakeSlack() as slack:
            yield SlackPeople(slack)
            assert slack.pings == []
            assert not [one for one in slack.posted if one.is_streaming]

    @pytest.mark.parametrize("how", ["word"])
    async def test_the_app_can_be_stopped(self, process: Any, driver: Any, sees: Any, how: str) -> None:
        """A stream has no buttons of ours while it grows."""
        await driver.say("forever")
        await until(lambda: any(one.is_streaming and "again" in one.shown for one in driver.slack.posted))
        await driver.say("stop")
        await sees("Stopped.")
        await driver.say("count")
        await sees("This is number 1.")


class TestMrkdwn(BridgeSuite):
    @pytest_asyncio.fixture
    async def driver(self) -> AsyncIterator[SlackPeople]:
        async with FakeSlack(can_stream=False) as slack:
            yield SlackPeople(slack, markup="mrkdwn")
            assert slack.pings == []
