"""Wherever a writer dies, the thread is as it was or as it should be, and whoever comes next goes on with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import Sequence

import pytest
from convo.datalayer import Changes, Pagination, Share
from convo.protocol import RunInfo, State, Step, ThreadInfo
from convo.state import ThreadState
from convo_dynamodb import DynamoDBDataLayer
from convo_dynamodb.table import Table
from gate import Gate


def noise(size: int) -> str:
    return random.Random(size).randbytes(size // 2).hex()


def story(count: int, size: int, mark: str) -> State:
    """A state whose every entry says the same `mark`; one of them is of `size`."""
    steps = [Step(id=f"m{n}", type="user_message", output=mark, favourite=n == 5) for n in range(count)]
    steps.append(Step(id="large", type="tool", output=mark + noise(size)))
    runs = [RunInfo(id=f"r-{mark}", callback="on_message", status="done")]
    return State(thread=ThreadInfo(id="t", name=mark), runs=runs, steps=steps, settings={"mark": mark})


def changes(epoch: int, state: State, removed: Sequence[tuple[str, str]] = (), owner_id: str = "ann") -> Changes:
    return Changes(thread_id="t", owner_id=owner_id, epoch=epoch, seq=1, state=state, removed=list(removed))


def added_up(*pieces: Changes) -> State:
    fold = ThreadState(pieces[0].state.thread)
    for piece in pieces:
        fold.merge(piece.state, piece.removed)
    return fold.view()


async def stop_in_the_middle(gate: Gate, work: asyncio.Task[None]) -> bool:
    """Whether the work was stopped; `False`: it came to its end."""
    stopped = asyncio.create_task(gate.stopped.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    is_stopped = not work.done()
    for task in (work, stopped):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return is_stopped


async def loose_parts(table: Table) -> set[str]:
    """Parts that nothing refers to."""
    found = await table.find("thread#t")
    used = {item["blob"] for item in found if "blob" in item} | {
        f"{item['redo']}-redo" for item in found if "redo" in item
    }
    return {item["sk"] for item in found if "#part#" in item["sk"] and item["sk"].split("#")[2] not in used}


@pytest.mark.parametrize("is_late", [False, True], ids=["asked", "done"])
@pytest.mark.parametrize(("count", "size"), [(5, 2_000), (5, 600_000), (130, 600_000)])
async def test_a_writer_that_dies_leaves_a_whole_thread(
    url: str, gated_url: str, gate: Gate, table: Table, count: int, size: int, is_late: bool
) -> None:
    """At each of the writes that storing changes takes, before and after it is carried out; at some, unless deep."""
    reader = DynamoDBDataLayer(url)
    await reader.open()
    old = changes(1, story(count, size, "old"))
    new = changes(1, story(count, size, "new"), [("runs", "r-old"), ("steps", "m0"), ("steps", "m2")])
    last = changes(0, State(thread=ThreadInfo(id="t", name="last")), [("steps", "m3")])
    stride = 1 if size == 2_000 or os.environ.get("TEST_DEEP") else 3 if count == 5 else 16
    writes = random.randrange(stride)
    print(f"every {stride}th from {writes}")
    outcomes: set[str] = set()
    is_stopped = True
    while is_stopped:
        await reader.delete_thread("t")
        await reader.apply(changes(await reader.claim_thread("t", "before"), old.state))
        writer = DynamoDBDataLayer(gated_url)
        await writer.open()
        epoch = await writer.claim_thread("t", "who dies")
        gate.stop_after(writes, is_late=is_late)
        work = asyncio.create_task(writer.apply(changes(epoch, new.state, new.removed)))
        is_stopped = await stop_in_the_middle(gate, work)
        gate.stop_after(1 << 30)
        gate.stopped.clear()
        await writer.close()

        stored = await reader.get_thread("t")
        assert stored is not None
        mark = str(stored.state.thread.name)
        outcomes.add(mark)
        assert stored.state == {"old": added_up(old), "new": added_up(old, new)}[mark], writes

        epoch = await reader.claim_thread("t", "who comes next")
        assert await reader.get_thread("t") == stored
        assert await loose_parts(table) == set()
        await reader.apply(changes(epoch, last.state, last.removed))
        stored = await reader.get_thread("t")
        assert stored is not None
        assert stored.state == added_up(*([old, new, last] if mark == "new" else [old, last])), writes
        favourites = (await reader.list_favourites("ann", Pagination())).favourites
        assert [favourite.step.id for favourite in favourites] == (["m5"] if count > 5 else [])
        writes += stride
    assert "new" in outcomes
    await reader.close()


async def test_a_writer_that_lost_its_thread_in_the_middle_of_large_changes_does_no_more_harm(
    url: str, gated_url: str, gate: Gate
) -> None:
    writer, other = DynamoDBDataLayer(gated_url), DynamoDBDataLayer(url)
    await writer.open()
    await other.open()
    passed = asyncio.Event()
    claimed = asyncio.Event()
    large = changes(await writer.claim_thread("t", "p1"), story(250, 10, "first"))
    seen = 0

    async def hold(operation: str) -> None:
        nonlocal seen
        seen += operation == "TransactWriteItems"
        if seen == 2:  # the changes count, and are about to be carried into the items
            passed.set()
            await claimed.wait()

    gate.before = hold
    work = asyncio.create_task(writer.apply(large))
    await passed.wait()
    epoch = await other.claim_thread("t", "p2")
    second = changes(epoch, story(3, 10, "second"), [("steps", "m100")])
    await other.apply(second)
    claimed.set()
    await work
    stored = await other.get_thread("t")
    assert stored is not None
    assert stored.state == added_up(large, second)
    await writer.close()
    await other.close()


async def test_a_deletion_that_was_cut_short_is_finished_by_the_next_start(
    url: str, gated_url: str, gate: Gate, table: Table
) -> None:
    dying = DynamoDBDataLayer(gated_url)
    await dying.open()
    await dying.apply(changes(await dying.claim_thread("t", "p"), story(60, 600_000, "private")))
    gate.stop_after(1)
    work = asyncio.create_task(dying.delete_thread("t"))
    assert await stop_in_the_middle(gate, work)
    await dying.close()
    assert len(await table.find("thread#t")) > 60
    gate.stop_after(1 << 30)

    layer = DynamoDBDataLayer(url)
    await layer.open()
    assert await layer.get_thread("t") is None
    assert [await table.find(pk) for pk in ("thread#t", "owner#ann", "favourites#ann", "gone")] == [[]] * 4
    await layer.close()


@pytest.mark.parametrize("writes", range(9))
async def test_threads_half_given_are_whole_and_the_next_try_gives_the_rest(
    url: str, gated_url: str, gate: Gate, table: Table, writes: int
) -> None:
    dying, layer = DynamoDBDataLayer(gated_url), DynamoDBDataLayer(url)
    await dying.open()
    await layer.open()
    await layer.apply(changes(await layer.claim_thread("t", "p"), story(10, 10, "mine"), owner_id="visitor"))
    gate.stop_after(writes)
    work: asyncio.Task[None] = asyncio.create_task(dying.give_threads("visitor", "ann"))  # type: ignore[arg-type]
    await stop_in_the_middle(gate, work)
    whose = await layer.get_thread_owner("t")
    for owner in ("visitor", "ann"):
        has = [whose == owner] * 2
        threads = (await layer.list_threads(owner, Pagination())).threads
        favourites = (await layer.list_favourites(owner, Pagination())).favourites
        assert [bool(threads), bool(favourites)] == has
    await layer.give_threads("visitor", "ann")
    assert await layer.get_thread_owner("t") == "ann"
    assert len((await layer.list_favourites("ann", Pagination())).favourites) == 1
    assert await table.find("owner#visitor") == []
    await dying.close()
    await layer.close()


@pytest.mark.parametrize("writes", range(6))
async def test_a_share_half_added_is_none_and_goes_with_its_thread(
    url: str, gated_url: str, gate: Gate, table: Table, writes: int
) -> None:
    dying, layer = DynamoDBDataLayer(gated_url), DynamoDBDataLayer(url)
    await dying.open()
    await layer.open()
    await layer.apply(changes(await layer.claim_thread("t", "p"), story(3, 10, "mine")))
    shown = story(3, 1_400_000, "shared")
    share = Share("s", "t", "snapshot", "full", "2026-01-01T00:00:00.000Z")
    gate.stop_after(writes)
    await stop_in_the_middle(gate, asyncio.create_task(dying.add_share(share, shown)))
    is_there = await layer.get_share("s") is not None
    assert await layer.list_shares("t") == ([share] if is_there else [])
    assert await layer.get_shared_state("s") == (shown if is_there else None)
    assert is_there == (writes > 3)
    await layer.delete_thread("t")
    assert [await table.find(pk) for pk in ("share#s", "thread#t", "gone")] == [[]] * 3
    await dying.close()
    await layer.close()
