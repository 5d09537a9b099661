"""A project outside this repository that is in Teams: `convo-teams` with `convo-core` alone, from wheels."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.platforms.fakes.teams import FakeTeams

pytestmark = pytest.mark.packaging

SERVE = """
import asyncio, json, sys

import convo
from convo.bridge import Platforms
assert convo.App().config.platforms["teams"].app_id
assert not {"botbuilder", "msal", "aiohttp"} & set(sys.modules)

app = convo.App()

@app.on_message
async def answer(message):
    await convo.Message(message.content.upper()).send()

async def post(served, token, activity):
    scope = {"type": "http", "method": "POST", "path": "/events", "headers": [(b"authorization", token.encode())]}
    sent = []

    async def receive():
        return {"type": "http.request", "body": json.dumps(activity).encode()}

    async def send(message):
        sent.append(message)

    await served(scope, receive, send)
    return sent[0]["status"]

async def main():
    directory = await app.startup()
    platforms = Platforms.of(app.config)
    platforms.start(directory)
    while platforms.states["teams"].status != "connected":
        await asyncio.sleep(0.05)
    request = json.loads(sys.argv[1])
    print(await post(platforms.app("teams"), request["token"], request["activity"]))
    await platforms.stop_receiving()
    await app.shutdown(directory)
    await platforms.stop(10)
    print(platforms.states["teams"].status)

asyncio.run(main())
"""


async def test_its_settings_put_an_app_into_teams(install: Callable[..., Any], tmp_path: Path) -> None:
    installed = install("convo-teams")
    (tmp_path / "serve.py").write_text(SERVE)
    async with FakeTeams(tmp_path) as fake:
        lines = [f"{name} = {value!r}" for name, value in fake.settings().items()]
        (tmp_path / "convo.toml").write_text("\n".join(["[platforms.teams]", *lines, ""]))
        request = {"token": f"Bearer {fake.token()}", "activity": fake.message("hello")}
        process = await asyncio.create_subprocess_exec(
            installed.bin / "python",
            "serve.py",
            json.dumps(request),
            cwd=tmp_path,
            env={**installed.environment, **fake.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(90):
            said, complaints = await process.communicate()

        assert (said.decode().split(), complaints.decode()) == (["200", "stopped"], "")
        assert [one.text for one in fake.said()] == ["HELLO"]
    assert {one for one in installed.distributions() if one.startswith("convo")} == {"convo-core", "convo-teams"}
    assert "microsoft-agents-hosting-core" not in installed.distributions()
