"""Small tools of authors: `cache`, `make_async`, `run_sync`, `Message.stream`; and the watchdog."""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import convo
import pytest
from convo.aio import event_loop
from convo.message import chunk_text
from convo.principal import POLICY
from convo.protocol.commands import COMMANDS
from convo.watchdog import Watchdog


async def test_cache_computes_once_per_arguments_also_at_the_same_time() -> None:
    calls: list[int] = []

    @convo.cache
    async def double(n: int) -> int:
        calls.append(n)
        await asyncio.sleep(0)
        return 2 * n

    assert await asyncio.gather(double(1), double(1), double(2)) == [2, 2, 4]
    assert await double(1) == 2
    assert calls == [1, 2]


async def test_cache_does_not_remember_a_failure() -> None:
    attempts: list[int] = []

    @convo.cache
    async def fragile() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("first")
        return "second"

    with pytest.raises(ValueError, match="first"):
        await fragile()
    assert await fragile() == "second"


def test_cache_of_a_function_holds_no_lock_over_others() -> None:
    entered, release = threading.Event(), threading.Event()

    @convo.cache
    def work(n: int) -> int:
        if n == 1:
            entered.set()
            release.wait(5)
        return n

    slow = threading.Thread(target=work, args=(1,))
    slow.start()
    entered.wait(5)
    assert work(2) == 2
    release.set()
    slow.join()
    assert work(1) == 1


async def test_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["convo.cache"], "MAX_ENTRIES", 2)
    calls: list[int] = []

    @convo.cache
    def work(n: int) -> int:
        calls.append(n)
        return n

    for n in (1, 2, 3, 1):
        work(n)
    assert calls == [1, 2, 3, 1]


async def test_make_async_runs_elsewhere_and_run_sync_comes_back() -> None:
    home = threading.get_ident()

    async def at_home() -> int:
        return threading.get_ident()

    def away() -> tuple[int, int]:
        return threading.get_ident(), convo.run_sync(at_home())

    away_id, home_id = await convo.make_async(away)()

    assert away_id != home
    assert home_id == home


async def test_run_sync_on_the_event_loop_says_what_to_do() -> None:
    async def nothing() -> None: ...

    with pytest.raises(RuntimeError, match="use `await`"):
        convo.run_sync(nothing())


def test_run_sync_does_not_wait_for_an_app_that_was_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convo.aio.CLOSED_CHECK", 0.01)
    asked = threading.Event()

    class NeverRun(asyncio.SelectorEventLoop):
        def call_soon_threadsafe(self, *args: Any, **kwargs: Any) -> asyncio.Handle:
            try:
                return super().call_soon_threadsafe(*args, **kwargs)
            finally:
                asked.set()

    async def nothing() -> None: ...

    loop, raised = NeverRun(), []

    def wait() -> None:
        event_loop.set(loop)
        with pytest.raises(RuntimeError) as error:
            convo.run_sync(nothing())
        raised.append(str(error.value))

    thread = threading.Thread(target=wait)
    thread.start()
    assert asked.wait(5)
    loop.close()
    thread.join(5)
    assert raised == ["The app was closed before what `run_sync` waits for was done."]


async def test_an_exception_in_a_thread_comes_back() -> None:
    def broken() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await convo.make_async(broken)()


def test_what_cannot_work_is_refused_at_its_line() -> None:
    async def already() -> None: ...

    def pieces() -> Iterator[int]:
        yield 1

    with pytest.raises(TypeError, match="async already"):
        convo.make_async(already)
    with pytest.raises(TypeError, match="read once"):
        convo.cache(pieces)


@pytest.mark.parametrize(
    ("chunk", "text"),
    [
        ("plain", "plain"),
        (SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(content="openai"))]), "openai"),
        (SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(content=None))]), ""),
        (SimpleNamespace(choices=[]), ""),
        (SimpleNamespace(type="response.output_text.delta", delta="responses"), "responses"),
        (SimpleNamespace(type="response.created"), ""),
        (SimpleNamespace(delta="llama-index"), "llama-index"),
        (SimpleNamespace(delta=None), ""),
        (SimpleNamespace(content="langchain"), "langchain"),
        (SimpleNamespace(content=["a", {"type": "text", "text": "b"}]), "ab"),
    ],
)
def test_chunks_of_the_usual_clients_are_text(chunk: Any, text: str) -> None:
    assert chunk_text(chunk) == text


def test_a_chunk_without_text_is_an_error() -> None:
    with pytest.raises(TypeError, match="Cannot stream a `int`"):
        chunk_text(3)


async def test_the_watchdog_names_the_line_that_blocks(caplog: pytest.LogCaptureFixture) -> None:
    watchdog = Watchdog(limit=0.05)
    watchdog.start()
    await asyncio.sleep(0)
    with caplog.at_level(logging.WARNING, "convo.watchdog"):
        time.sleep(0.5)  # the very thing the watchdog is for
    watchdog.stop()

    assert f"{__file__}:" in caplog.text
    assert "convo.make_async" in caplog.text


def test_every_command_has_a_policy() -> None:
    assert set(COMMANDS) <= set(POLICY)
