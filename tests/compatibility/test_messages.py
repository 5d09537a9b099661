"""Apps that say something: what their users see."""

from __future__ import annotations

import json

import pytest

from tests.compatibility.conftest import Open


async def test_echo(open_app: Open) -> None:
    async with open_app("echo") as chat:
        greeting = await chat.see("Hello! Say something.")
        assert (greeting.type, greeting.author) == ("assistant_message", "Assistant")
        assert (await chat.send("hi")).content == "Received: hi"
        assert [message.type for message in chat.messages] == ["assistant_message", "user_message", "assistant_message"]


async def test_streaming(open_app: Open) -> None:
    async with open_app("streaming") as chat:
        reply = await chat.send("go")
        assert [message.output for message in reply.messages] == ["Once upon a time…", "3"]
        assert all(message.end for message in reply.messages)


async def test_openai_stream(open_app: Open) -> None:
    async with open_app("openai_stream") as chat:
        assert (await chat.send("one")).content == "2 messages, the last was 'one' "
        assert (await chat.send("two")).content == "4 messages, the last was 'two' "


async def test_raw_deltas(open_app: Open) -> None:
    async with open_app("raw_deltas") as chat:
        [said] = (await chat.send("capital of France?")).messages
        assert (said.output, said.author) == ("Paris", "Atlas")


async def test_author_rename(open_app: Open) -> None:
    async with open_app("author_rename") as chat:
        reply = await chat.send("2 + 2?")
        assert [message.author for message in reply.messages] == ["Albert Einstein", "Ada"]


async def test_updates(open_app: Open) -> None:
    async with open_app("updates") as chat:
        reply = await chat.send("hi")
        assert reply.status == "done"
        [said] = reply.messages
        assert (said.output, said.language, said.metadata) == ("Hello again!", "python", {"revised": True})


async def test_contents(open_app: Open) -> None:
    async with open_app("contents") as chat:
        shown, number, query, tagged = (await chat.send("hi")).messages
        assert (json.loads(shown.output), shown.language) == ({"foo": "bar", "list": [1, 2]}, "json")
        assert number.output == "42"
        assert (query.output, query.language) == ("select 1", "sql")
        assert (tagged.id, tagged.author) == ("11111111-2222-4333-8444-555555555555", "Writer")
        assert (tagged.tags, tagged.metadata) == (["draft"], {"source": "test"})


async def test_errors(open_app: Open, caplog: pytest.LogCaptureFixture) -> None:
    async with open_app("errors") as chat:
        reply = await chat.send("break")
        assert (reply.content, reply.status) == ("Working on it", "failed")
        assert reply.error is not None
        assert "asleep" not in reply.error
        assert "the model is asleep" in caplog.text
        assert (await chat.send("go on")).content == "Working on it\nDone"


async def test_chat_context(open_app: Open) -> None:
    async with open_app("chat_context") as chat:
        await chat.see("Be brief.")
        said = json.loads((await chat.send("hi")).content)
        assert said == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
        assert [entry["role"] for entry in json.loads((await chat.send("and?")).content)] == [
            "system",
            "user",
            "assistant",
            "user",
        ]
        await chat.send("forget")
        assert [entry["content"] for entry in json.loads((await chat.send("new")).content)] == ["What?", "new"]


async def test_edits(open_app: Open) -> None:
    async with open_app("edits") as chat:
        await chat.send("one")
        await chat.send("two")
        first = chat.messages[0]
        assert (await chat.edit(first.id, "uno")).content == "uno"
        assert (await chat.send("due")).content == "uno > due"
        assert (await chat.regenerate(chat.messages[-1].id)).content == "uno > due"


async def test_uploads(open_app: Open, tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("milk")
    async with open_app("uploads") as chat:
        picture = await chat.upload(b"\x89PNG\r\n\x1a\n" + b"0" * 64, name="cat.png")
        assert (await chat.send("look", files=[picture, tmp_path / "notes.txt"])).content == (
            "Image File; 1 image(s); notes.txt: milk"
        )
        assert (await chat.send("nothing")).content == "No file attached"


async def test_namespaces(open_app: Open) -> None:
    async with open_app("namespaces") as chat:
        reply = await chat.send("hi")
        assert reply.content == "True 2"
        assert [element.name for element in chat.elements(reply.messages[0])] == ["note"]
