"""The app as its users meet it; `chat` is a client of it, and the same as Slack to the app."""

import json
from pathlib import Path

from convo.testing import ChatClient


async def test_it_answers_with_what_was_said(chat: ChatClient) -> None:
    reply = await chat.send("two words")

    assert "said **two words**." in reply.content


async def test_its_button_makes_it_louder(chat: ChatClient) -> None:
    await chat.send("two words")
    await chat.click("Louder")

    await chat.see("TWO WORDS!")


async def test_it_suggests_how_to_begin(chat: ChatClient) -> None:
    await chat.choose_starter("Say hello")

    await chat.see("Hello!")


def test_the_manifest_turns_socket_mode_on() -> None:
    manifest = json.loads((Path(__file__).parents[1] / "manifest.json").read_text("utf-8"))

    assert manifest["settings"]["socket_mode_enabled"]
