"""Apps that ask."""

from __future__ import annotations

import pytest
from convo.protocol import CommandError

from tests.compatibility.conftest import Open

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


async def test_ask_user(open_app: Open) -> None:
    async with open_app("ask_user") as chat:
        await chat.answer("Ada")
        await chat.see("Your name is: Ada")
        assert (await chat.send("hi")).content == "Still Ada"


async def test_ask_file(open_app: Open, tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("milk")
    async with open_app("ask_file") as chat:
        question = await chat.asked()
        assert (question.spec["accept"], question.spec["maxFiles"]) == (["text/plain"], 1)
        with pytest.raises(CommandError):
            await chat.answer(await chat.upload(PNG, name="cat.png"))
        await chat.answer(tmp_path / "notes.txt")
        await chat.see("`notes.txt` uploaded, it contains 4 characters!")

        run = await chat.post("more")
        await chat.answer([await chat.upload(PNG, name=name, ask=await chat.asked()) for name in ("a.png", "b.png")])
        assert (await chat.reply(run)).content == "Pictures?\na.png image/png 72, b.png image/png 72"


async def test_ask_action(open_app: Open) -> None:
    async with open_app("ask_action") as chat:
        run = await chat.post("hi")
        await chat.answer("continue")
        assert (await chat.reply(run)).content == "Pick an action!\nContinue! continue ✅ Continue"
        assert chat.actions() == []
        run = await chat.post("hi")
        await chat.cancel_ask()
        assert (await chat.reply(run)).content.endswith("Stopped.")


async def test_ask_element(open_app: Open) -> None:
    async with open_app("ask_element") as chat:
        run = await chat.post("hi")
        await chat.asked()
        assert [(element.name, element.type) for element in chat.elements()] == [("JiraTicket", "custom")]
        await chat.answer({"summary": "It burns"})
        assert (await chat.reply(run)).messages[-1].output == "Ticket 'It burns' created."


async def test_ask_timeout(open_app: Open) -> None:
    async with open_app("ask_timeout") as chat:
        reply = await chat.send("hi")
        assert [message.output for message in reply.messages] == ["Quick!", "None", "Quicker!", "Too late"]


async def test_quiz(open_app: Open) -> None:
    async with open_app("quiz") as chat:
        run = await chat.post("play")
        for choice in ("3", "Paris", "Ada"):
            await chat.answer(choice)
        reply = await chat.reply(run)
        assert [message.output for message in reply.messages] == [
            "2 + 2?",
            "No, 4.",
            "Capital of France?",
            "Right!",
            "1 points. Your name for the list?",
            "Ada: 1",
        ]
