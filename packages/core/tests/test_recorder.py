"""The Recorder: what happened is stored in order, whatever the store does."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from typing import Any

import convo
import msgspec
import pytest
from convo.datalayer import Changes
from convo.protocol import CommandError
from convo.recorder import RETRY_SECONDS
from convo.testing import ChatClient


class Flaky(convo.MemoryDataLayer):
    """A memory data layer that can be slow, away or somebody else's."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.delay: Any = lambda: 0.0
        self.applied: list[Changes] = []

    async def apply(self, changes: Changes) -> None:
        await asyncio.sleep(self.delay())
        if self.error is not None:
            raise self.error
        await super().apply(changes)
        self.applied.append(changes)


@pytest.fixture
def layer() -> Flaky:
    return Flaky()


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> AsyncIterator[str]:
        async with convo.Step(name="think", type="tool") as step:
            step.output = message.content
        yield f"re: {message.content}"

    return app


async def test_a_turn_is_stored_as_it_is_shown(app: convo.App, layer: Flaky) -> None:
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        await chat.until(lambda: (chat.state.saved.seq or 0) >= 10)
        stored = await layer.get_thread(chat.thread_id)

        assert stored is not None
        assert stored.owner_id == chat.principal.id
        assert msgspec.to_builtins(stored.state.steps) == msgspec.to_builtins(chat.state.view().steps)
        assert len(layer.applied) <= 2


async def test_a_store_that_is_away_is_shown_and_caught_up_with(
    app: convo.App, layer: Flaky, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("convo.recorder.RETRY_SECONDS", (0.01,) * len(RETRY_SECONDS))
    layer.error = convo.UnavailableError("the disk is full")
    async with ChatClient(app, data_layer=layer) as chat:
        assert (await chat.send("one")).content == "re: one"
        await chat.until(lambda: chat.state.saved.since)
        assert chat.state.saved.reason == "the disk is full"
        assert caplog.text.count("the disk is full") == 1
        await chat.send("two")

        layer.error = None
        await chat.until(lambda: chat.state.saved.since is None)
        stored = await layer.get_thread(chat.thread_id)
        assert stored is not None
        assert [s.output for s in stored.state.steps] == ["one", "one", "re: one", "two", "two", "re: two"]


async def test_any_error_of_a_store_is_kept_trying_not_lost(
    app: convo.App, layer: Flaky, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("convo.recorder.RETRY_SECONDS", (0.01,) * len(RETRY_SECONDS))
    layer.error = KeyError("a bug of the store")
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("one")
        await chat.until(lambda: chat.state.saved.since)
        layer.error = None
        await chat.until(lambda: chat.state.saved.since is None)


async def test_a_slow_store_delays_nobody_and_never_writes_out_of_order(app: convo.App, layer: Flaky) -> None:
    chance = random.Random(7)
    layer.delay = lambda: chance.uniform(0, 0.04)
    async with ChatClient(app, data_layer=layer) as chat:
        for n in range(30):
            assert (await chat.send(str(n))).content == f"re: {n}"
    stored = await layer.get_thread(chat.thread_id)

    assert stored is not None
    assert [s.output for s in stored.state.steps if s.type == "assistant_message"] == [f"re: {n}" for n in range(30)]
    assert [change.seq for change in layer.applied] == sorted(change.seq for change in layer.applied)


async def test_a_removal_is_stored(layer: Flaky) -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = await convo.Message("gone soon").send()
        await asyncio.sleep(0.15)
        await reply.remove()

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
    stored = await layer.get_thread(chat.thread_id)

    assert stored is not None
    assert [step.output for step in stored.state.steps] == ["hi"]


async def test_a_thread_another_process_took_over_is_not_overwritten(app: convo.App, layer: Flaky) -> None:
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("mine")
        await chat.until(lambda: chat.state.saved.seq)
        await layer.claim_thread(chat.thread_id, "another process")
        await chat.send("lost")
        await chat.until(lambda: chat.state.ended)

        assert chat.state.ended == "taken-over"
        assert "taken over" in (chat.state.saved.reason or "")
    stored = await layer.get_thread(chat.thread_id)
    assert stored is not None
    assert [step.output for step in stored.state.steps if step.type == "user_message"] == ["mine"]


async def test_a_thread_is_read_when_nobody_else_can_write_to_it_any_more(app: convo.App, layer: Flaky) -> None:
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("mine")
        await chat.until(lambda: chat.state.saved.seq)
    order: list[str] = []
    claim, get = layer.claim_thread, layer.get_thread

    async def claiming(thread_id: str, owner: str) -> int:
        order.append("claim")
        return await claim(thread_id, owner)

    async def getting(thread_id: str) -> Any:
        order.append("get")
        return await get(thread_id)

    layer.claim_thread, layer.get_thread = claiming, getting  # type: ignore[method-assign]
    async with ChatClient(app, data_layer=layer, thread=chat.thread_id, principal=chat.principal) as again:
        await again.send("again")
        await again.until(lambda: again.state.saved.seq)
    assert order == ["claim", "get"]


async def test_what_the_process_left_undone_is_marked_interrupted(layer: Flaky) -> None:
    app = convo.App()
    asked = asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        reply = await convo.Message().send()
        await reply.stream_token("half an ans")
        asked.set()
        await asyncio.sleep(60)

    async with ChatClient(app, data_layer=layer) as chat:
        run_id = await chat.post("hi")
        await asked.wait()
        await chat.until(lambda: chat.state.saved.seq >= 8)
        stored = await layer.get_thread(chat.thread_id)
    assert stored is not None

    # The process dies: what is stored is all there is.
    left = Flaky()
    epoch = await left.claim_thread(chat.thread_id, "the process that died")
    await left.apply(Changes(chat.thread_id, stored.owner_id, epoch, 1, stored.state, []))
    async with ChatClient(app, data_layer=left, principal=chat.principal, thread=chat.thread_id) as after:
        run = after.state.runs[run_id]
        assert run.status == "interrupted"
        assert [message.output for message in after.messages] == ["hi", "half an ans"]
        assert after.messages[-1].end is not None


@pytest.mark.parametrize("ends", ["stopped", "interrupted"])
async def test_a_message_that_waited_when_the_process_ended_stays_without_an_answer(layer: Flaky, ends: str) -> None:
    app = convo.App()

    @app.on_message
    async def never_answer(message: convo.Message) -> None:
        await asyncio.sleep(60)

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.post("first")
        run_id = await chat.post("second")
        await chat.until(lambda: chat.state.saved.seq >= 6)
        stored = await layer.get_thread(chat.thread_id)
    assert stored is not None

    left = layer  # a shutdown; or the process died, and what was stored is all there is
    if ends == "interrupted":
        left = Flaky()
        epoch = await left.claim_thread(chat.thread_id, "the process that died")
        await left.apply(Changes(chat.thread_id, stored.owner_id, epoch, 1, stored.state, []))
    async with ChatClient(app, data_layer=left, principal=chat.principal, thread=chat.thread_id) as after:
        assert [message.output for message in after.messages] == ["first", "second"]
        run = after.state.runs[run_id]
        assert run.status == ends
        assert run.trigger == after.messages[1].id
        assert after.raw({"kind": "message", "id": run.command_id, "content": "second"}).ok
        assert len(after.messages) == 2


@pytest.mark.parametrize("ends", ["stopped", "interrupted"])
async def test_buttons_of_a_question_nobody_answered_go_with_it(
    layer: Flaky, ends: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.AskActionMessage("Which?", [convo.Action("this"), convo.Action("that")]).send()

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.post("hi")
        await chat.asked()
        await chat.until(lambda: chat.state.saved.seq >= 10)
        stored = await layer.get_thread(chat.thread_id)
    assert stored is not None
    assert not [record for record in caplog.records if record.levelname == "ERROR"]

    left = layer  # a shutdown; or the process died, and what was stored is all there is
    if ends == "interrupted":
        left = Flaky()
        epoch = await left.claim_thread(chat.thread_id, "the process that died")
        await left.apply(Changes(chat.thread_id, stored.owner_id, epoch, 1, stored.state, []))
    async with ChatClient(app, data_layer=left, principal=chat.principal, thread=chat.thread_id) as after:
        assert [ask.outcome for ask in after.state.asks.values()] == ["cancelled"]
        assert not after.state.actions


async def test_the_same_command_id_after_a_restart_is_done_once(app: convo.App, layer: Flaky) -> None:
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        command_id = chat.messages[0].command_id
    async with ChatClient(app, data_layer=layer, principal=chat.principal, thread=chat.thread_id) as after:
        answer = after.raw({"kind": "message", "id": command_id, "content": "hi"})

        assert answer.ok
        assert len(after.messages) == 2


@pytest.mark.parametrize("kind", ["edit", "regenerate"])
async def test_an_edit_or_a_new_answer_that_is_asked_for_again_after_a_restart_is_done_once(
    app: convo.App, layer: Flaky, kind: str
) -> None:
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        command = {"kind": kind, "id": "once", "messageId": chat.messages[0].id}
        command |= {"content": "hello"} if kind == "edit" else {}
        assert chat.raw(command).ok
        await chat.until(lambda: [run.status for run in chat.state.runs.values()] == ["done", "done"])
    async with ChatClient(app, data_layer=layer, principal=chat.principal, thread=chat.thread_id) as after:
        leaf = after.state.leaf
        answer = after.raw(command)

        assert answer.ok
        assert len(after.directory.sessions[0].state.runs) == 2
        assert after.directory.sessions[0].state.leaf == leaf


async def test_an_unsaved_session_refuses_messages_past_its_memory(
    layer: Flaky, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("convo.recorder.RETRY_SECONDS", (0.01,) * len(RETRY_SECONDS))
    app = convo.App({"limits": {"unsaved_bytes": 2000}})
    layer.error = convo.UnavailableError("away")

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("x" * 3000).send()

    async with ChatClient(app, data_layer=layer) as chat:
        with caplog.at_level(logging.CRITICAL, "convo"):
            await chat.send("one")
            await chat.until(lambda: chat.state.saved.since)
            with pytest.raises(CommandError) as caught:
                await chat.send("two")
        assert caught.value.failure.code == "unavailable"
        layer.error = None
        await chat.until(lambda: chat.state.saved.since is None)
        assert (await chat.send("two")).status == "done"


async def test_asking_whether_all_is_saved_does_not_keep_it_from_being_saved(app: convo.App, layer: Flaky) -> None:
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        recorder = chat.directory.sessions[0].recorder
        assert not recorder.is_saved
        await chat.until(lambda: recorder.is_saved)
        run_id = await chat.post("again")
        await chat.until(lambda: chat.state.runs[run_id].ended_at and not recorder.is_saved)
    stored = await layer.get_thread(chat.thread_id)

    assert stored is not None
    assert stored.state.steps[-1].output == "re: again"
