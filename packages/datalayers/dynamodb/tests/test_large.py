"""What is larger than an item or a transaction is kept like all else."""

from __future__ import annotations

import random

from convo.datalayer import Changes, Pagination
from convo.protocol import State, Step, ThreadInfo
from convo.state import Key
from convo_dynamodb import DynamoDBDataLayer
from convo_dynamodb.table import Table


def noise(size: int) -> str:
    """Text that cannot be compressed to much less."""
    return random.Random(size).randbytes(size * 3 // 4).hex()[:size]


def changes(
    epoch: int, *steps: Step, owner_id: str = "ann", removed: list[Key] | None = None, thread: ThreadInfo | None = None
) -> Changes:
    state = State(thread=thread or ThreadInfo(id="t"), steps=list(steps))
    return Changes(thread_id="t", owner_id=owner_id, epoch=epoch, seq=1, state=state, removed=removed or [])


def step(id: str, output: str = "", *, favourite: bool = False) -> Step:
    return Step(id=id, type="user_message", output=output, favourite=favourite, created_at="2026-11-05T12:00:00Z")


async def outputs(data_layer: DynamoDBDataLayer) -> dict[str, str]:
    stored = await data_layer.get_thread("t")
    assert stored is not None
    return {step.id: step.output for step in stored.state.steps}


async def parts(table: Table) -> int:
    return sum("#part#" in item["sk"] for item in await table.find("thread#t"))


async def test_a_text_over_the_limit_of_an_item_is_kept_and_what_it_replaces_is_dropped(
    data_layer: DynamoDBDataLayer, table: Table
) -> None:
    epoch = await data_layer.claim_thread("t", "p")
    text = noise(1_500_000)
    await data_layer.apply(changes(epoch, step("m1", text), step("m2", "short")))
    assert await outputs(data_layer) == {"m1": text, "m2": "short"}
    first = await parts(table)
    assert first >= 3
    await data_layer.apply(changes(epoch, step("m1", text + "!")))
    assert await outputs(data_layer) == {"m1": text + "!", "m2": "short"}
    assert await parts(table) == first
    await data_layer.apply(changes(epoch, step("m1", "short now")))
    assert await outputs(data_layer) == {"m1": "short now", "m2": "short"}
    assert await parts(table) == 0


async def test_parts_that_another_process_left_are_dropped_when_the_thread_is_claimed(url: str, table: Table) -> None:
    first, second = DynamoDBDataLayer(url), DynamoDBDataLayer(url)
    await first.open()
    await second.open()
    await first.apply(changes(await first.claim_thread("t", "p1"), step("m1", noise(900_000))))
    await second.apply(changes(await second.claim_thread("t", "p2"), step("m1", "short")))
    assert await parts(table) > 0  # it does not know of them
    epoch = await first.claim_thread("t", "p1")
    assert await parts(table) == 0
    await first.apply(changes(epoch, step("m2", noise(900_000))))
    await second.claim_thread("t", "p2")
    assert (await outputs(second))["m2"] == noise(900_000)
    await first.close()
    await second.close()


async def test_more_entries_than_a_transaction_holds_are_kept_in_order(data_layer: DynamoDBDataLayer) -> None:
    epoch = await data_layer.claim_thread("t", "p")
    await data_layer.apply(changes(epoch, step("m0"), step("m500"), step("gone"), step("m3", "old")))
    many = [step(f"m{n}", "x" * n, favourite=n % 100 == 0) for n in range(1, 450)]
    await data_layer.apply(changes(epoch, *many, removed=[("steps", "gone"), ("steps", "m3")]))
    found = await outputs(data_layer)
    assert list(found) == ["m0", "m500", *(f"m{n}" for n in range(1, 450))]
    assert found["m3"] == "xxx"
    page = await data_layer.list_favourites("ann", Pagination())
    assert sorted(favourite.step.id for favourite in page.favourites) == ["m100", "m200", "m300", "m400"]


async def test_a_turn_larger_than_a_transaction_is_kept(data_layer: DynamoDBDataLayer) -> None:
    epoch = await data_layer.claim_thread("t", "p")
    texts = {f"m{n}": noise(150_000 + n) for n in range(40)}
    await data_layer.apply(changes(epoch, *(step(id, text) for id, text in texts.items())))
    assert await outputs(data_layer) == texts


async def test_a_thread_with_large_metadata_is_listed_and_found(data_layer: DynamoDBDataLayer) -> None:
    epoch = await data_layer.claim_thread("t", "p")
    thread = ThreadInfo(id="t", name="Whales", metadata={"notes": noise(900_000)})
    await data_layer.apply(changes(epoch, thread=thread))
    page = await data_layer.list_threads("ann", Pagination())
    assert [(info.name, info.metadata) for info in page.threads] == [("Whales", thread.metadata)]
    assert [hit.thread.id for hit in (await data_layer.search_threads("ann", "whale", Pagination())).hits] == ["t"]


async def test_pages_have_as_many_threads_as_were_asked_for_though_few_are_pinned(
    data_layer: DynamoDBDataLayer,
) -> None:
    for n in range(30):
        thread = ThreadInfo(id=f"t{n}", pinned=n in (0, 1, 2, 15), metadata={"notes": noise(40_000)})
        state = State(thread=thread)
        epoch = await data_layer.claim_thread(thread.id, "p")
        await data_layer.apply(Changes(thread.id, "ann", epoch, 1, state, []))
    page = await data_layer.list_threads("ann", Pagination(first=3), pinned=True)
    assert [thread.id for thread in page.threads] == ["t15", "t2", "t1"]
    rest = await data_layer.list_threads("ann", Pagination(first=3, cursor=page.cursor), pinned=True)
    assert ([thread.id for thread in rest.threads], rest.cursor) == (["t0"], None)


async def test_every_text_is_an_id_of_its_own(data_layer: DynamoDBDataLayer) -> None:
    ids = ["a#b", "a%23b", "a", "#", "", "x" * 5000, "x" * 5001, "é" * 300, "a\0b", "%"]
    for thread_id in ids:
        epoch = await data_layer.claim_thread(thread_id, "p")
        steps = [step(id, id, favourite=True) for id in ids]
        state = State(thread=ThreadInfo(id=thread_id), steps=steps)
        await data_layer.apply(Changes(thread_id, thread_id, epoch, 1, state, []))
    for thread_id in ids:
        stored = await data_layer.get_thread(thread_id)
        assert stored is not None
        assert [step.id for step in stored.state.steps] == ids
        page = await data_layer.list_threads(thread_id, Pagination())
        assert [thread.id for thread in page.threads] == [thread_id]
        assert len((await data_layer.list_favourites(thread_id, Pagination())).favourites) == len(ids)
