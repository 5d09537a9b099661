"""What one principal may take of the server at a time, and that all of it comes back."""

from __future__ import annotations

import asyncio
from typing import Any

import convo
import pytest
from convo.principal import Principal
from convo.protocol import CommandError, SendMessage, new_id
from convo.testing import ChatClient


class Stage:
    """An app whose answers end when they are let go."""

    def __init__(self, when_busy: str = "parallel", **limits: Any) -> None:
        self.go_on = asyncio.Event()
        self.app = convo.App({"limits": limits, "features": {"when_busy": when_busy}})

        @self.app.on_message
        async def answer(message: convo.Message) -> None:
            if message.content == "wait":
                await self.go_on.wait()
            await convo.Message("done").send()


def message(content: str = "wait", **fields: Any) -> SendMessage:
    return SendMessage(id=new_id(), content=content, **fields)


async def test_of_too_many_chats_the_one_that_is_idle_for_the_longest_ends():
    stage = Stage(sessions_per_principal=3)
    async with ChatClient(stage.app) as first:
        await first.send("hi")
        chats = [await first.new_chat() for _ in range(2)]
        with pytest.raises(CommandError, match="You have 3 chats open") as refused:
            await first.new_chat()
        assert (refused.value.failure.code, refused.value.failure.retry_after) == ("rate-limited", 5.0)
        other = await first.resume(first.thread_id)  # joins what is there
        other.drop()
        first.drop()
        session = first.directory.sessions[0]
        async with asyncio.timeout(5):
            while not session.is_idle:  # until all of it is stored, which nobody is told
                await asyncio.sleep(0.01)
        await first.new_chat()
        assert session.thread_id == first.thread_id
        await session.ended.wait()
        chats[0].drop()
        again = await first.resume(first.thread_id)
        assert again.messages[-1].output == "done"
        with pytest.raises(CommandError, match="chats open"):
            await first.new_chat()
        await first._open(Principal(new_id()), None, {})  # of somebody else


async def test_answers_that_go_on_are_counted_over_all_chats_and_forgotten_when_they_end():
    stage = Stage(runs_per_principal=3)
    async with ChatClient(stage.app) as chat:
        other = await chat.new_chat()
        for tab in (chat, chat, other):
            await tab.command(message())
        answer = chat.raw({"id": "1", "kind": "message", "content": "wait"})
        assert answer.error is not None
        assert (answer.error.code, answer.error.retry_after) == ("rate-limited", 1.0)
        assert answer.error.details == {"limit": 3}
        await other.stop()
        await chat.command(message())
        stage.go_on.set()
        await chat.rest()
        await other.rest()
        session = chat.directory.sessions[0]
        assert session.quota.runs == 0
        for _ in range(5):
            await chat.send("hi")


async def test_messages_that_wait_count_until_they_are_taken_back(tmp_path):
    stage = Stage("queue", runs_per_principal=3)
    (tmp_path / "a.txt").write_text("x" * 1000)
    async with ChatClient(stage.app) as chat:
        file = await chat.upload(tmp_path / "a.txt")
        await chat.command(message())
        await chat.command(message())
        waiting = await chat.command(message("with a file", files=[file.id]))
        assert waiting.ok
        session = chat.directory.sessions[0]
        assert (session.quota.runs, session.quota.upload_bytes) == (3, 0)
        assert chat.raw({"id": "1", "kind": "message", "content": "wait"}).error is not None
        run = await chat.until(lambda: next((run for run in chat.runs if run.text == "with a file"), None))
        await chat.dequeue(run.id)
        assert (session.quota.runs, session.quota.upload_bytes) == (2, 1000)
        await chat.stop()
        await chat.rest()
        assert session.quota.runs == 0


async def test_files_that_wait_to_be_sent_are_counted_and_come_back_when_they_are_sent_or_refused(tmp_path):
    stage = Stage(waiting_upload_bytes=2500)
    (tmp_path / "a.txt").write_text("x" * 1000)
    (tmp_path / "a.png").write_text("x" * 1000)
    (tmp_path / "large.txt").write_text("x" * 3000)
    async with ChatClient(stage.app) as chat:
        other = await chat.new_chat()
        files = [await tab.upload(tmp_path / "a.txt") for tab in (chat, other)]
        for tab in (chat, other):
            with pytest.raises(CommandError, match="of your files wait to be sent") as refused:
                await tab.upload(tmp_path / "a.txt")
            assert refused.value.failure.code == "rate-limited"
        await chat.command(message("hi", files=[files[0].id]))
        for wrong in ("a.png", "large.txt"):
            with pytest.raises(CommandError):
                await chat.upload(tmp_path / wrong)
        await chat.upload(tmp_path / "a.txt")
        quota = chat.directory.sessions[0].quota
        assert quota.upload_bytes == 2000
        await other.directory.end_session(other.connection.session, "idle")
        assert quota.upload_bytes == 1000


async def test_a_day_has_its_measure_of_files(tmp_path):
    stage = Stage(upload_bytes_per_day=2500)
    (tmp_path / "a.txt").write_text("x" * 1000)
    async with ChatClient(stage.app) as chat:
        for _ in range(2):
            file = await chat.upload(tmp_path / "a.txt")
            await chat.command(message("hi", files=[file.id]))
        with pytest.raises(CommandError, match=r"You may send 0\.0025 MB of files a day") as refused:
            await chat.upload(tmp_path / "a.txt")
        wait = refused.value.failure.retry_after
        assert wait is not None
        assert 16_000 < wait < 17_500  # a fifth of a day, for a fifth of its measure


async def test_a_chat_is_full_at_some_time_also_after_a_restart():
    stage = Stage(thread_bytes=1000)
    layer = convo.MemoryDataLayer()
    async with ChatClient(stage.app, data_layer=layer) as chat:
        await chat.send("x" * 400)
        reply = await chat.send("ü" * 200)
        assert reply.content == "done"
        answer = chat.raw({"id": "1", "kind": "message", "content": "y" * 201})
        assert answer.error is not None
        assert (answer.error.code, answer.error.text) == ("too-large", "This chat is full. Begin a new one.")
        thread, principal = chat.thread_id, chat.principal
    async with ChatClient(stage.app, data_layer=layer, principal=principal, thread=thread) as chat:
        assert chat.raw({"id": "2", "kind": "message", "content": "y" * 201}).error is not None
        await chat.send("y" * 200)
