"""Several processes use one table, and a killed one leaves it whole."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from convo.datalayer import Changes
from convo.protocol import State, Step, ThreadInfo
from convo_dynamodb import DynamoDBDataLayer

WRITER = Path(__file__).with_name("writer.py")


async def start(job: str, url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(WRITER), job, url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_processes_that_start_together_share_the_table_and_never_an_epoch(url: str) -> None:
    processes = await asyncio.gather(*(start("claim", url) for _ in range(3)))
    epochs: list[int] = []
    for output, errors in await asyncio.gather(*(process.communicate() for process in processes)):
        assert not errors, errors.decode()
        own = [int(line) for line in output.split()]
        assert own == sorted(own)
        epochs += own
    assert sorted(epochs) == list(range(1, 61))


async def test_a_process_killed_while_it_writes_leaves_a_whole_thread(url: str) -> None:
    reached = -1
    for round in range(2):
        process = await start("write", url)
        assert process.stdout is not None
        for _ in range(2 + 2 * round):
            reached = max(reached, int(await process.stdout.readline()))
        process.kill()
        await process.communicate()

        layer = DynamoDBDataLayer(url)
        await layer.open()
        stored = await layer.get_thread("t")
        assert stored is not None
        turns = [int(run.id[1:]) for run in stored.state.runs]
        assert [step.id for step in stored.state.steps] == [
            f"{n}-{i}" for n in turns for i in range(120 if n % 2 else 3)
        ]
        assert len(turns) > reached  # whatever it said is stored
        assert await layer.claim_thread("t", "next") == 2 * round + 2
        assert await layer.get_thread("t") == stored
        await layer.close()


async def test_threads_are_written_and_read_at_once(url: str) -> None:
    writer, reader = DynamoDBDataLayer(url), DynamoDBDataLayer(url)
    await writer.open()
    await reader.open()
    finished = asyncio.Event()

    async def converse() -> None:
        epoch = await writer.claim_thread("t", "p")
        for n in range(3):
            steps = [Step(id=f"{n}-{i}", type="undefined", output=f"{n}") for i in range(110)]
            state = State(thread=ThreadInfo(id="t", name=f"{n}"), steps=steps)
            await writer.apply(Changes("t", "ann", epoch, n, state, []))
        finished.set()

    async def look() -> None:
        while not finished.is_set():
            stored = await reader.get_thread("t")
            if stored is not None:
                assert len(stored.state.steps) == 110 * (int(stored.state.thread.name or 0) + 1)

    await asyncio.gather(converse(), look())
    await writer.close()
    await reader.close()
