"""Apps that live with their session: its beginning and end, stop, resume, voice, the page around it."""

from __future__ import annotations

from pathlib import Path

import convo
import pytest
from convo.protocol import AudioChunk, AudioInterrupted

from tests.compatibility.conftest import APPS, Open


async def test_stop(open_app: Open) -> None:
    async with open_app("stop") as chat:
        run = await chat.post("go")
        await chat.see("thinking")
        await chat.stop()
        reply = await chat.reply(run)
        assert (reply.status, reply.content) == ("stopped", "thinking")
        await chat.rest()
        assert (await chat.send("stopped?")).content == "1"


async def test_lifecycle(open_app: Open) -> None:
    async with open_app("lifecycle") as chat:
        await chat.send("hi")
        chat.drop()
        await chat.connect()
        await chat.send("again")
    assert Path("log.txt").read_text().split("\n") == ["startup", "start", "hi", "again", "end of Ada", "shutdown", ""]


async def test_resume(open_app: Open) -> None:
    layer = convo.MemoryDataLayer()
    async with open_app("resume", data_layer=layer) as chat:
        await chat.send("hello")
        thread, principal = chat.thread_id, chat.principal
    async with open_app("resume", data_layer=layer, thread=thread, principal=principal) as chat:
        await chat.see("Back in 'hello' with 1 question(s)")
        assert (await chat.send("and now?")).content == "curious: user: hello | ai: curious: "


async def test_audio(open_app: Open) -> None:
    async with open_app("audio") as chat:
        await chat.speak(b"\0\1" * 10, b"\2\3" * 10)
        await chat.hush()
        await chat.see("Heard 40 bytes of pcm16")
        assert b"".join(chunk.data for chunk in chat.passed(AudioChunk)) == b"\0\1" * 10 + b"\2\3" * 10
        assert len(chat.passed(AudioInterrupted)) == 2


async def test_window(open_app: Open) -> None:
    async with open_app("window") as chat:
        await chat.post_window_message("Client: hello")
        await chat.see("Client: hello")
        await chat.send("hi")
        assert chat.window_messages == ["Server: Hello from the app", {"said": "hi"}]


async def test_copilot(open_app: Open) -> None:
    async with open_app("copilot", client="copilot") as chat:
        run = await chat.post("hi")
        call = await chat.called()
        assert (call.name, call.args) == ("test", {"msg": "hi"})
        await chat.return_call("fine")
        assert (await chat.reply(run)).content == "The page says fine"
    async with open_app("copilot", client="web") as chat:
        assert (await chat.send("hi")).content == "No page around a webapp"


async def test_feedback(open_app: Open) -> None:
    async with open_app("feedback") as chat:
        answer = (await chat.send("why?")).messages[0]
        await chat.rate(answer.id, 1, "just right")
        await chat.until(lambda: any(run.callback == "on_feedback" for run in chat.runs), "the rating to be stored")
        await chat.rest()
        assert (await chat.send("ratings")).content == "True 1 just right"


async def test_toasts(open_app: Open) -> None:
    async with open_app("toasts") as chat:
        await chat.send("go")
        assert chat.toasts == ["Saved", "Careful", "Failed", "Great"]


async def test_emitter(open_app: Open) -> None:
    async with open_app("emitter") as chat:
        await chat.send("go")
        await chat.see("From the background")
        await chat.rest()
        assert chat.state.fields["usage"] == {"tokens": 42}


async def test_counters(open_app: Open) -> None:
    async with open_app("counters") as chat:
        assert (await chat.send("hi")).content == "after the tick"
        assert [(message.author, message.output) for message in chat.messages] == [
            ("User", "hi"),
            ("Clock", "tick"),
            ("Assistant", "after the tick"),
        ]


@pytest.mark.parametrize("app", sorted(path.stem for path in APPS.glob("*.py")))
def test_every_app_has_its_test(app: str) -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert f"async def test_{app}(" in tests
