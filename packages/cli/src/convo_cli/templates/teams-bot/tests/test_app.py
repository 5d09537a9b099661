"""The app as its users meet it; `chat` is a client of it. What goes to Teams is made by convo and tested there."""

import json
import zipfile
from pathlib import Path

from convo.testing import ChatClient
from pack import pack


async def test_it_answers_with_what_was_said(chat: ChatClient) -> None:
    reply = await chat.send("two words")

    assert reply.content.strip() == "You said **two words**."


async def test_it_says_it_louder(chat: ChatClient) -> None:
    await chat.send("hello")

    await chat.click("Louder")

    await chat.see("HELLO!")


def test_the_package_for_teams_names_the_bot(tmp_path: Path) -> None:
    bot = "00000000-0000-0000-0000-000000000001"

    pack(tmp_path / "teams-app.zip", bot)

    with zipfile.ZipFile(tmp_path / "teams-app.zip") as package:
        manifest = json.loads(package.read("manifest.json"))
        sizes = {name: package.read(name)[16:24] for name in manifest["icons"].values()}
    assert manifest["id"] == manifest["bots"][0]["botId"] == bot
    assert len(manifest["name"]["short"]) <= 30
    assert sizes == {"color.png": bytes([0, 0, 0, 192] * 2), "outline.png": bytes([0, 0, 0, 32] * 2)}
