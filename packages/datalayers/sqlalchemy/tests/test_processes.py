"""Several processes use one database, and a killed one leaves it whole."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from pathlib import Path

from convo.datalayer import Changes
from convo.protocol import State, Step, ThreadInfo
from convo_sqlalchemy import SQLAlchemyDataLayer

WRITER = Path(__file__).with_name("writer.py")


async def start(job: str, url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(WRITER), job, url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_processes_that_start_together_share_the_tables_and_never_an_epoch(url: str) -> None:
    processes = await asyncio.gather(*(start("claim", url) for _ in range(4)))
    epochs: list[int] = []
    for output, errors in await asyncio.gather(*(process.communicate() for process in processes)):
        assert not errors, errors.decode()
        own = [int(line) for line in output.split()]
        assert own == sorted(own)
        epochs += own
    assert sorted(epochs) == list(range(1, 81))


async def test_a_process_killed_while_it_writes_leaves_a_whole_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/h.db"
    reached = -1
    for round in range(3):
        process = await start("write", url)
        assert process.stdout is not None
        for _ in range(10 + 7 * round):
            reached = max(reached, int(await process.stdout.readline()))
        process.kill()
        await process.communicate()

        layer = SQLAlchemyDataLayer(url)
        await layer.open()
        stored = await layer.get_thread("t")
        assert stored is not None
        numbers = [step.id[1:] for step in stored.state.steps if step.id.startswith("a")]
        assert [step.id for step in stored.state.steps] == [f"{who}{n}" for n in numbers for who in "ab"]
        assert [run.id for run in stored.state.runs] == [f"r{n}" for n in numbers]
        assert len(numbers) > reached  # whatever it said is stored
        assert await layer.claim_thread("t", "next") == 2 * round + 2
        await layer.close()
    connection = sqlite3.connect(tmp_path / "h.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def test_many_threads_are_written_and_read_at_once(url: str) -> None:
    layer = SQLAlchemyDataLayer(url)
    await layer.open()

    async def converse(thread_id: str) -> None:
        epoch = await layer.claim_thread(thread_id, "p")
        for n in range(10):
            state = State(thread=ThreadInfo(id=thread_id), steps=[Step(id=f"s{n}", type="undefined")])
            await layer.apply(Changes(thread_id=thread_id, owner_id="ann", epoch=epoch, seq=n, state=state, removed=[]))
            stored = await layer.get_thread(thread_id)
            assert stored is not None
            assert len(stored.state.steps) == n + 1

    await asyncio.gather(*(converse(f"t{i}") for i in range(30)))
    await layer.close()


async def test_a_cancelled_write_is_all_or_nothing_and_the_next_one_works(url: str) -> None:
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    epoch = await layer.claim_thread("t", "p")
    for n in range(20):
        steps = [Step(id=f"{n}-{i}", type="undefined", output="x" * 1000) for i in range(50)]
        state = State(thread=ThreadInfo(id="t"), steps=steps)
        change = Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=n, state=state, removed=[])
        task = asyncio.create_task(layer.apply(change))
        await asyncio.wait({task}, timeout=n / 4000)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        stored = await layer.get_thread("t")
        assert stored is None or len(stored.state.steps) % 50 == 0
    await layer.apply(change)
    stored = await layer.get_thread("t")
    assert stored is not None
    assert stored.state.steps[-1].id == "19-49"
    await layer.close()
