"""Apps that keep their history by a data layer of their own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from convo.testing import ChatClient

from tests.compatibility.conftest import Open


async def test_data_layer(open_app: Open) -> None:
    async with open_app("data_layer") as chat:
        assert (await chat.send("hello")).content == "Earlier: None"
        await chat.until(lambda: chat.state.saved.seq, "the chat to be stored")
        reply = await chat.send("export")
        assert reply.content.startswith("hello: ['hello'")
        thread, principal, app = chat.thread_id, chat.principal, chat.app
    async with ChatClient(app, thread=thread, principal=principal) as chat:
        assert (await chat.send("again")).content == "Earlier: ['hello', 'export']"
        assert [element.name for element in chat.state.elements.values()] == ["note", "note"]
        assert [listed.name for listed in await chat.threads()] == ["hello"]


async def test_data_layer_feedback(open_app: Open) -> None:
    async with open_app("data_layer_feedback") as chat:
        answer = (await chat.send("why?")).messages[0]
        assert answer.output == "Rated so far: []"
        await chat.rate(answer.id, 0, "wrong")
        app = chat.app
    async with ChatClient(app) as chat:
        assert (await chat.send("and?")).content == "Rated so far: [0]"


async def test_data_layer_sqlite(open_app: Open) -> None:
    async with open_app("data_layer_sqlite") as chat:
        await chat.send("first")
        before = chat.state.view()
        thread, principal = chat.thread_id, chat.principal
    assert Path("blob-data.bin").read_bytes() == b"\0\1"
    with sqlite3.connect("app.db") as db:
        kinds = dict(db.execute("SELECT type, count(*) FROM steps GROUP BY type").fetchall())
        inputs = db.execute("SELECT input FROM steps WHERE type = 'tool'").fetchall()
    db.close()
    assert inputs == [("secret",)]  # stored, though it is shown to nobody
    assert kinds == {"assistant_message": 1, "run": 1, "tool": 1, "user_message": 1}
    async with open_app("data_layer_sqlite", thread=thread, principal=principal) as chat:
        await chat.see("Back in first")
        after = chat.state.view()
        assert after.steps[: len(before.steps)] == before.steps
        assert after.steps[1].input == ""
        assert after.elements == before.elements  # the bytes are here still
        assert [listed.name for listed in await chat.threads()] == ["first"]
