"""A process that uses a data layer, for `test_processes.py`: `writer.py claim|write URL`."""

from __future__ import annotations

import asyncio
import sys

from convo.datalayer import Changes
from convo.protocol import RunInfo, State, Step, ThreadInfo
from convo_dynamodb import DynamoDBDataLayer


def turn(epoch: int, n: int) -> Changes:
    """The `n`th turn: a run and steps that are only ever stored together; every other one is too many for one go."""
    state = State(
        thread=ThreadInfo(id="t", name=f"turn {n}"),
        runs=[RunInfo(id=f"r{n}", callback="on_message", status="done")],
        steps=[Step(id=f"{n}-{i}", type="undefined", output=f"turn {n}") for i in range(120 if n % 2 else 3)],
    )
    return Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=n, state=state, removed=[])


async def claim(layer: DynamoDBDataLayer) -> None:
    """Claim the thread 20 times and print the epochs."""
    for _ in range(20):
        print(await layer.claim_thread("t", "p"), flush=True)


async def write(layer: DynamoDBDataLayer) -> None:
    """Store turns, and print the number of each that is stored, until killed."""
    epoch = await layer.claim_thread("t", "p")
    for n in range(1_000_000):
        await layer.apply(turn(epoch, n))
        print(n, flush=True)


async def main(job: str, url: str) -> None:
    layer = DynamoDBDataLayer(url)
    await layer.open()
    await {"claim": claim, "write": write}[job](layer)
    await layer.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
