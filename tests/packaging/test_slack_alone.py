"""A project outside this repository that is in Slack: `convo-slack` with `convo-core` alone, from wheels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.outside import serving
from tests.platforms.fakes.slack import APP_TOKEN, BOT_TOKEN, running

pytestmark = pytest.mark.packaging


async def test_tokens_in_the_environment_put_an_app_into_slack(install: Callable[..., Any], tmp_path: Path) -> None:
    installed = install("convo-slack")
    async with running() as slack:
        tokens = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_BASE_URL": slack.url}
        async with serving(installed, tmp_path, "slack", "slack_sdk", tokens):
            await slack.say("hello")
            await slack.sees("HELLO")
