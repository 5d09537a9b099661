"""With `ttl_days`, threads that nobody changes are forgotten as a whole, and others never lose a piece."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

import pytest
from convo.datalayer import Changes, Pagination, Share
from convo.protocol import State, Step, ThreadInfo
from convo_dynamodb import DynamoDBDataLayer
from convo_dynamodb.table import Table

DAY = 86_400
Travel = Callable[[int], None]


def changes(epoch: int, *ids: str) -> Changes:
    steps = [Step(id=id, type="user_message", output="hello " * 100, favourite=True) for id in ids]
    state = State(thread=ThreadInfo(id="t", name="Whales"), steps=steps)
    return Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=1, state=state, removed=[])


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Go so many days from today."""

    def to(days: int) -> None:
        monkeypatch.setattr("convo_dynamodb.lifetime._now", lambda: int(time.time()) + days * DAY)

    return to


@pytest.fixture
async def passing(url: str) -> AsyncIterator[DynamoDBDataLayer]:
    layer = DynamoDBDataLayer(f"{url}&ttl_days=30")
    await layer.open()
    yield layer
    await layer.close()


async def ends(table: Table) -> tuple[list[int | None], list[int | None]]:
    """When the thread's head and its place in the list expire, and when all else of it does."""
    found = [item for pk in ("thread#t", "owner#ann", "favourites#ann") for item in await table.find(pk)]
    first = [item.get("expires") for item in found if item["sk"] in ("#head", "thread#t")]
    return first, [item.get("expires") for item in found if item["sk"] not in ("#head", "thread#t")]


async def test_a_thread_that_nobody_changed_is_gone_for_everybody_and_its_id_is_free(
    passing: DynamoDBDataLayer, table: Table, travel: Travel
) -> None:
    told = await table.call("describe_time_to_live")
    assert told["TimeToLiveDescription"]["AttributeName"] == "expires"
    await passing.apply(changes(await passing.claim_thread("t", "p"), "m1"))
    travel(29)
    assert await passing.get_thread("t") is not None
    assert len((await passing.list_threads("ann", Pagination())).threads) == 1
    travel(31)
    assert await passing.get_thread("t") is None
    assert await passing.get_thread_owner("t") is None
    for owner_id in ("ann", None):
        assert (await passing.list_threads(owner_id, Pagination())).threads == []
    assert (await passing.search_threads("ann", "whales", Pagination())).hits == []
    assert (await passing.list_favourites("ann", Pagination())).favourites == []
    epoch = await passing.claim_thread("t", "p")
    assert epoch == 1
    await passing.apply(changes(epoch, "m2"))
    stored = await passing.get_thread("t")
    assert stored is not None
    assert [step.id for step in stored.state.steps] == ["m2"]


async def test_a_thread_in_use_never_loses_a_piece(passing: DynamoDBDataLayer, table: Table, travel: Travel) -> None:
    epoch = await passing.claim_thread("t", "p")
    for day in range(0, 200, 25):
        travel(day)
        await passing.apply(changes(epoch, f"m{day}"))
        first, rest = await ends(table)
        assert len(first) == 2
        assert len(rest) == 1 + 2 * (day // 25 + 1)
        assert min(end or 0 for end in rest) > max(end or 0 for end in first)


async def test_threads_are_kept_again_when_the_option_is_taken_away(
    url: str, passing: DynamoDBDataLayer, table: Table
) -> None:
    await passing.apply(changes(await passing.claim_thread("t", "p"), "m1"))
    layer = DynamoDBDataLayer(url)
    await layer.open()
    await layer.apply(changes(await layer.claim_thread("t", "p"), "m2"))
    first, rest = await ends(table)
    assert set(first + rest) == {None}
    await passing.apply(changes(await passing.claim_thread("t", "p"), "m3"))
    first, rest = await ends(table)
    assert None not in first + rest
    await layer.close()


async def test_what_is_shared_lasts_as_long_as_its_thread(
    passing: DynamoDBDataLayer, table: Table, travel: Travel
) -> None:
    first = changes(await passing.claim_thread("t", "p"), "m1")
    await passing.apply(first)
    share = Share("s", "t", "snapshot", "full", "2026-01-01T00:00:00.000Z")
    await passing.add_share(share, first.state)
    for day in range(25, 200, 25):
        travel(day)
        await passing.apply(changes(first.epoch, f"m{day}"))
        heads, _ = await ends(table)
        assert min(item["expires"] for item in await table.find("share#s")) > max(end or 0 for end in heads)
    assert await passing.get_shared_state("s") == first.state
    travel(204)
    assert await passing.get_share("s") is not None
    travel(206)
    assert await passing.get_share("s") is None
    assert await passing.list_shares("t") == []
