"""Runs as a socket sees them: stopped in the middle, and beside code that blocks."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

import convo
import pytest
from convo.watchdog import Watchdog


class Provider:
    """Yields as many numbers as it is asked for, and knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.sent = 0
        self.children: list[asyncio.Task[None]] = []

    async def unhurried(self, message: convo.Message) -> AsyncIterator[str]:
        self.children.append(asyncio.create_task(asyncio.sleep(3600)))
        try:
            for number in range(int(message.content)):
                self.sent += 1
                yield f"{number} "
                await asyncio.sleep(0.002)
        finally:
            self.closed.set()

    async def in_a_rush(self, message: convo.Message) -> AsyncIterator[str]:
        """Never lets the loop go by itself."""
        self.children.append(asyncio.create_task(asyncio.sleep(3600)))
        try:
            for number in range(int(message.content)):
                self.sent += 1
                time.sleep(0.002)
                yield f"{number} "
        finally:
            self.closed.set()

    def blocking(self, message: convo.Message) -> Iterator[str]:
        try:
            for number in range(int(message.content)):
                self.sent += 1
                yield f"{number} "
                time.sleep(0.002)
        finally:
            self.closed.set()


def yields(provider: Provider) -> Callable[[convo.Message], object]:
    async def answer(message: convo.Message) -> AsyncIterator[str]:
        async for piece in provider.unhurried(message):
            yield piece

    return answer


def yields_in_a_rush(provider: Provider) -> Callable[[convo.Message], object]:
    return provider.in_a_rush


def streams(provider: Provider) -> Callable[[convo.Message], object]:
    async def answer(message: convo.Message) -> None:
        await convo.Message().stream(provider.unhurried(message))

    return answer


def streams_tokens(provider: Provider) -> Callable[[convo.Message], object]:
    async def answer(message: convo.Message) -> None:
        reply = convo.Message()
        async for piece in provider.unhurried(message):
            await reply.stream_token(piece)
        await reply.update()

    return answer


def streams_in_a_task(provider: Provider) -> Callable[[convo.Message], object]:
    async def answer(message: convo.Message) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(convo.Message().stream(provider.unhurried(message)))

    return answer


def streams_what_blocks(provider: Provider) -> Callable[[convo.Message], object]:
    async def answer(message: convo.Message) -> None:
        await convo.Message().stream(provider.blocking(message))

    return answer


def blocks(provider: Provider) -> Callable[[convo.Message], object]:
    return provider.blocking


@pytest.mark.parametrize(
    "kind", [yields, yields_in_a_rush, streams, streams_tokens, streams_in_a_task, streams_what_blocks, blocks]
)
async def test_a_run_stopped_at_the_tenth_of_a_thousand_deltas_is_over(start, numbers, kind, caplog):
    app, provider = convo.App(), Provider()
    app.on_message(kind(provider))
    server = await start(app)
    tab = await (await server.client()).socket().connect()
    await tab.command("message", content="1000")
    await tab.until(lambda: "9 " in tab.text)
    answer = await tab.command("stop")
    await tab.until(lambda: tab.has("run-ended"))
    kept = tab.text
    async with asyncio.timeout(5):
        while not provider.closed.is_set() or not all(child.cancelled() for child in provider.children):
            await asyncio.sleep(0.001)
    assert provider.sent < 900
    last = next(batch for batch in tab.batches if "run-ended" in str(batch))
    after = [event["kind"] for event in last["events"]][::-1].index("run-ended")  # what went with it and came later
    assert answer["seq"] >= last["to"] - after
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("convo-run")]

    thread = (await tab.client.http.get(f"api/v1/threads/{tab.hello['thread']}")).json()["state"]
    question, partial = thread["steps"]
    assert kept == partial["output"]
    assert numbers(1000).startswith(kept)
    assert partial["end"]
    run = thread["runs"][-1]
    assert (run["status"], run["endedBy"]) == ("stopped", question["by"])
    assert "error" not in run

    await tab.command("message", content="3")
    await tab.until(lambda: sum(event["kind"] == "run-ended" for event in tab.events) == 2)
    assert tab.text == kept + numbers(3)
    assert [record.getMessage() for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


async def test_def_callbacks_that_sleep_keep_nobody_waiting(start):
    app = convo.App()
    release = threading.Event()

    @app.on_message
    def answer(message: convo.Message) -> None:
        if message.content == "sleep":
            release.wait(60)
        convo.run_sync(convo.Message(f"heard {message.content}").send())

    client = await (await start(app, limits={"connections_per_principal": 200})).client()
    before = threading.active_count()
    sleepers = await asyncio.gather(*(client.socket().connect() for _ in range(60)))
    for tab in sleepers:  # more than the default thread pool of any machine here has workers
        await tab.command("message", content="sleep")
    waiting = []
    for tab in await asyncio.gather(*(client.socket().connect() for _ in range(50))):
        began = time.monotonic()
        await tab.ask("quick")
        waiting.append(time.monotonic() - began)
        assert tab.text == "heard quick"
    assert sorted(waiting)[25] < 1  # of the minute that the others take
    release.set()
    for tab in sleepers:
        await tab.until(lambda tab=tab: tab.has("run-ended"))
        assert tab.text == "heard sleep"
    async with asyncio.timeout(5):
        while threading.active_count() > before:
            await asyncio.sleep(0.01)


async def test_async_code_that_blocks_everybody_is_told_where_and_disconnects_nobody(start, numbers, caplog):
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> AsyncIterator[str]:
        if message.content == "block":
            server.host.pump.flush()  # so that frames are in flight, which nobody can say to have received
            time.sleep(1.5)
        for number in range(3):
            yield f"{number} "
            await asyncio.sleep(0)

    server = await start(app)
    server.host.pump._timeout = 1.0  # as if the loop was blocked for longer than a frame may be in flight
    client = await server.client()
    tabs = [await client.socket(transport=transport).connect() for transport in ("websocket", "polling") * 3]
    watchdog = Watchdog()
    watchdog.start()
    try:
        for tab in tabs[1:]:
            await tab.command("message", content="streams meanwhile")
        await tabs[0].ask("block")
    finally:
        watchdog.stop()
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    line = answer.__code__.co_firstlineno + 4
    assert [f"{__file__}:{line}" in warning for warning in warnings] == [True]
    for tab in tabs:
        await tab.until(lambda tab=tab: tab.has("run-ended"))
        assert not tab.is_closed
        assert tab.text == numbers(3)
    assert len(server.host.pump.readers) == len(tabs)
