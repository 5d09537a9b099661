"""Stop in the middle of an answer: nothing more is said, nothing is left running, what was said stays."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import convo
import pytest
from convo.protocol import Batch, RunEnded, StepClosed, StepDelta, StepOpened
from convo.testing import ChatClient

DELTAS = 1_000


class Provider:
    """A model that has 1,000 words to say; knows how many it said, and whether it was told to be quiet."""

    def __init__(self) -> None:
        self.said = 0
        self.closed = threading.Event()
        self.kept: object = None  # a source that somebody holds is closed by hand or never

    async def words(self) -> AsyncIterator[str]:
        try:
            for _ in range(DELTAS):
                self.said += 1
                yield f"{self.said} "
                await asyncio.sleep(0)
        finally:
            self.closed.set()

    def blocking_words(self) -> Iterator[str]:
        try:
            for _ in range(DELTAS):
                self.said += 1
                yield f"{self.said} "
                time.sleep(0.001)  # what a network would take
        finally:
            self.closed.set()


Answer = Callable[[convo.Message], Any]


def yielded(provider: Provider, ready: Callable[[], None]) -> Answer:
    async def answer(message: convo.Message) -> AsyncIterator[str]:
        ready()
        async for word in provider.words():
            yield word

    return answer


def streamed(provider: Provider, ready: Callable[[], None]) -> Answer:
    async def answer(message: convo.Message) -> None:
        ready()
        provider.kept = source = provider.words()
        await convo.Message().stream(source)

    return answer


def streamed_by_a_child_task(provider: Provider, ready: Callable[[], None]) -> Answer:
    async def answer(message: convo.Message) -> None:
        ready()
        provider.kept = source = provider.words()
        await asyncio.gather(convo.Message().stream(source), asyncio.sleep(3600))

    return answer


def streamed_from_a_worker_thread(provider: Provider, ready: Callable[[], None]) -> Answer:
    async def answer(message: convo.Message) -> None:
        ready()
        provider.kept = source = provider.blocking_words()
        await convo.Message().stream(source)

    return answer


def yielded_in_a_worker_thread(provider: Provider, ready: Callable[[], None]) -> Answer:
    def answer(message: convo.Message) -> Iterator[str]:
        yield from provider.blocking_words()

    return answer


@pytest.mark.parametrize(
    "way",
    [
        yielded,
        streamed,
        streamed_by_a_child_task,
        streamed_from_a_worker_thread,
        yielded_in_a_worker_thread,
    ],
)
async def test_an_answer_stopped_at_its_tenth_word_says_no_other_and_leaves_nothing_running(
    way: Callable[[Provider, Callable[[], None]], Answer],
) -> None:
    app, provider = convo.App(), Provider()
    children: list[asyncio.Task[Any]] = []
    layer = convo.MemoryDataLayer()
    app.on_message(way(provider, lambda: children.append(asyncio.create_task(asyncio.sleep(3600)))))

    async with ChatClient(app, data_layer=layer) as chat:
        before = asyncio.all_tasks()
        run_id = await chat.post("go")
        await chat.until(lambda: chat.messages[-1].output.startswith("1 2 3 4 5 6 7 8 9 10 "))
        await chat.stop(run_id)
        run = (await chat.reply(run_id)).run
        kept = chat.messages[-1]
        async with asyncio.timeout(5):
            while not provider.closed.is_set() or not all(child.done() for child in children):
                await asyncio.sleep(0)
        for thread in threading.enumerate():
            if thread.name in ("convo-_drain", "convo-answer"):
                await asyncio.to_thread(thread.join, 5)

        assert (run.status, run.ended_by) == ("stopped", chat.principal.id)
        assert all(child.cancelled() for child in children)
        assert provider.said < DELTAS
        log = chat.directory.sessions[0].log
        await chat.until(lambda: chat.position == log.seq and chat.state.saved.seq > 0)
        events = [event for frame in chat.frames if isinstance(frame, Batch) for event in frame.events]
        ended = next(index for index, event in enumerate(events) if isinstance(event, RunEnded))
        assert not [event for event in events[ended:] if isinstance(event, StepDelta | StepOpened | StepClosed)]
        async with asyncio.timeout(5):
            while not chat.directory.sessions[0].recorder.is_saved:  # while it gathers it has a task without a name
                await asyncio.sleep(0)
        left = {task for task in asyncio.all_tasks() - before if task.get_name() != "convo-recorder"}
        assert left == set()
        assert kept.end is not None
        assert kept.output == "".join(f"{n + 1} " for n in range(len(kept.output.split())))
        assert chat.messages[-1] == kept

    stored = await layer.get_thread(chat.thread_id)
    assert stored is not None
    assert stored.state.steps[-1] == kept
    assert {stored_run.id: stored_run.status for stored_run in stored.state.runs}[run_id] == "stopped"


async def test_whatever_threads_still_write_no_message_of_a_stopped_run_stays_open() -> None:
    app, answers = convo.App(), 20

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await asyncio.gather(*(convo.Message().stream(itertools.repeat(".")) for _ in range(answers)))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that they write while the run is ended
    try:
        async with ChatClient(app) as chat:
            run_id = await chat.post("go")
            await chat.until(lambda: len([message for message in chat.messages if message.output]) > answers)
            await chat.stop(run_id)
            await chat.reply(run_id)
            assert [message.id for message in chat.messages if message.end is None] == []
    finally:
        sys.setswitchinterval(interval)
