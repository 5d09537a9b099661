"""Words that come often, where a server's index is slow with them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from convo.datalayer import Changes, Pagination
from convo.protocol import State, Step, ThreadInfo
from convo.search import wanted
from convo_sqlalchemy import SQLAlchemyDataLayer
from convo_sqlalchemy.search import CANDIDATES, find_latest, find_messages

TEXTS = (
    "How long is a whale?",
    "Whales, wales and WHALE-watching: a__b c_d %",
    "Größe des Wals: 33 m",
    "数据库迁移 and 迁移",
    "移迁 is another word",
    "_ % \\ ' \" : & | ! ( )",
    "",
)


async def _store(layer: SQLAlchemyDataLayer, thread_id: str, texts: list[str], owner_id: str = "ann") -> None:
    steps = [Step(id=f"m{number}", type="user_message", output=text) for number, text in enumerate(texts)]
    epoch = await layer.claim_thread(thread_id, "p")
    state = State(thread=ThreadInfo(id=thread_id), steps=steps)
    await layer.apply(Changes(thread_id=thread_id, owner_id=owner_id, epoch=epoch, seq=1, state=state, removed=[]))


async def _rows(layer: SQLAlchemyDataLayer, query: sa.Select[Any]) -> list[sa.Row[Any]]:
    return list(await layer.read(lambda connection: connection.execute(query).all()))


async def test_the_latest_entries_are_searched_as_the_index_is(server_url: str) -> None:
    layer = SQLAlchemyDataLayer(server_url)
    await layer.open()
    dialect = server_url.partition(":")[0]
    await _store(layer, "t1", list(TEXTS))
    await _store(layer, "t2", list(TEXTS), owner_id="bob")
    for text in (
        "whale",
        "WHAL long",
        "a",
        "b c d",
        "grosse",
        "wals 33",
        "迁移",
        "移",
        "数据库 another",
        "nowhere",
    ):
        terms = wanted(text)
        latest = await _rows(layer, find_latest(dialect, "ann", terms, 0))
        indexed = await _rows(layer, find_messages(dialect, "ann", terms))
        assert {row.position for row in latest} == {row.position for row in indexed}, text
        assert {row.thread_id for row in latest} <= {"t1"}
    await layer.close()


@pytest.mark.parametrize("count", [CANDIDATES - 1, CANDIDATES + 1])
async def test_a_word_of_every_message_finds_each_thread_once(url: str, count: int) -> None:
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    await _store(layer, "old", ["a whale long ago"])
    await _store(layer, "new", [f"whale number {number}" for number in range(count)])
    await _store(layer, "other", ["whale"], owner_id="bob")
    found = (await layer.search_threads("ann", "whale", Pagination())).hits
    assert [hit.thread.id for hit in found if hit.thread.id != "old"] == ["new"]
    assert ("old" in [hit.thread.id for hit in found]) == (count < CANDIDATES)
    await layer.close()
