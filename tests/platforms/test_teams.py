"""The template `teams-bot` as it is served: a process of its own, with Teams on the other side."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from convo.testing.process import until
from convo_cli.template import find_template

from tests.harness.server import Server
from tests.platforms.fakes.teams import FakeTeams, Message
from tests.platforms.people.teams import TeamsPeople


async def test_a_bot_that_was_made_by_the_template_answers_and_its_buttons_work_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_template("teams-bot").write(tmp_path / "bot", "bot", "Bot")
    async with FakeTeams(tmp_path) as fake:
        for name, value in fake.environment.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "bot" / "convo.toml").write_text(_table(fake.settings()))
        kept = {"DATA__URL": "sqlite:///history.db"}
        server = Server("run", "app.py", "--headless", cwd=tmp_path / "bot", settings=kept)
        await server.start()
        try:
            await _is_connected(server)
            fake.serve(url=server.url)
            assert (await fake.send(fake.message("hello"), token="forged")).status_code in (401, 403)
            await fake.send(fake.activity("conversationUpdate", membersAdded=[fake.activity()["recipient"]]))
            await _said(fake, "Hello! Say something")
            await fake.send(fake.message("hello"))
            message = await _said(fake, "You said **hello**.")
            await until(lambda: message.actions, lambda: message.activity)

            await server.restart()
            await _is_connected(server)
            await TeamsPeople(fake).press("Louder", place="direct")

            await _said(fake, "HELLO!")
            assert len(fake.said()) == 3
        finally:
            await server.end()
    assert "Traceback" not in "".join(server.log)


def _table(settings: dict[str, Any]) -> str:
    lines = [f"{name} = {value!r}" for name, value in settings.items()]
    return "\n".join(["[platforms.teams]", *lines, ""])


async def _is_connected(server: Server) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(600):
            answer = (await client.get(f"{server.url}/ready")).json()
            if answer.get("platforms") == {"teams": "connected"}:
                return
            await asyncio.sleep(0.05)
    pytest.fail(f"It is not connected: {server.log}")


async def _said(fake: FakeTeams, text: str) -> Message:
    def found() -> Message | None:
        return next((one for one in fake.said() if text in one.text and not one.is_streaming), None)

    return await until(found, lambda: [one.activity for one in fake.said()])  # type: ignore[no-any-return]
