"""The contract of bridges, on the fake of Teams, by both SDKs."""

from __future__ import annotations

from typing import Any

import pytest
from convo.testing import BridgeSuite
from convo.testing.process import until

from tests.platforms.fakes.teams import FakeTeams
from tests.platforms.people.teams import TeamsPeople


class TestBotbuilder(BridgeSuite):
    async def test_files_go_both_ways(self, process: Any, driver: Any, sees: Any) -> None:
        """In a personal chat: elsewhere bots cannot send files."""
        assert isinstance(driver, TeamsPeople)
        await driver.say("echo", place="direct", files={"picture.txt": b"not a picture"})

        def is_offered() -> bool:
            attachments = [one for said in driver.fake.said() for one in said.attachments]
            return any(one.get("name") == "copy.txt" for one in attachments)

        await until(is_offered, lambda: driver.fake.requests)
        await driver.accept("copy.txt")
        assert [one.files for one in driver.shown("direct") if one.files] == [{"copy.txt": b"NOT A PICTURE"}]


class TestAgents(TestBotbuilder):
    @pytest.fixture
    def driver(self, fake: FakeTeams) -> TeamsPeople:
        return TeamsPeople(fake, sdk="agents")
