"""What a principal has: threads in the order of lists, and favourites."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Sequence
from itertools import chain

import msgspec
from convo.aio import call_in_thread
from convo.datalayer import (
    Changes,
    Favourite,
    FavouritePage,
    Pagination,
    SearchHit,
    SearchPage,
    ThreadPage,
)
from convo.protocol import State, Step, ThreadInfo
from convo.search import Term, excerpt

from convo_dynamodb import items, schema
from convo_dynamodb.items import Item, Key, key_of, pack, unpack
from convo_dynamodb.lifetime import Lifetime
from convo_dynamodb.rows import PLAIN, Row, body_of, entry_name, read_blob
from convo_dynamodb.table import ConditionFailed, Table, each

__all__ = ["Owners"]

_INFO_BYTES = 50_000  # of a thread's title, tags and metadata; a larger one is read from the thread itself
_PLACE_DIGITS = 17
_FIRST = "\U0010ffff"  # above every place
_ID_CHARACTERS = 200
_FILTERED = 200  # items to look at in one go where only some are wanted


class Owners:
    """Reads lists, and keeps them when threads change hands."""

    def __init__(self, table: Table, lifetime: Lifetime) -> None:
        self._table = table
        self._lifetime = lifetime

    # --- Threads ---

    def listing(self, changes: Changes, generation: str, changed_at: int) -> Item:
        """A thread in the list of its owner, where those are that changed in that microsecond."""
        thread_id, thread = changes.thread_id, changes.state.thread
        found: Item = {
            "pk": schema.owner(changes.owner_id),
            "sk": f"thread#{schema.part(thread_id)}",
            "id": thread_id,
            "generation": generation,
            "place": f"{changed_at:0{_PLACE_DIGITS}}#{schema.part(thread_id)}",
            "everybody": schema.shard(thread_id),
            "pinned": thread.pinned,
            **self._lifetime.of_head(),
        }
        if len(info := pack(msgspec.json.encode(thread))) <= _INFO_BYTES:
            found["info"] = info
        return found

    async def list_threads(self, owner_id: str | None, pagination: Pagination, pinned: bool | None) -> ThreadPage:
        below = _read_cursor(pagination.cursor)
        wanted = pagination.first + 1
        only: Item = {} if pinned is None else {"pinned": pinned}
        if owner_id is None:
            found = await self._everybody(below, wanted, only)
        else:
            found = await self._first(schema.owner(owner_id), below, wanted, only)
        shown = found[: pagination.first]
        infos = await asyncio.gather(*(self._info(item) for item in shown))
        threads = [info for info in infos if info is not None]
        return ThreadPage(threads, cursor=str(shown[-1]["place"]) if shown and len(found) > len(shown) else None)

    async def search(self, owner_id: str, terms: list[Term], pagination: Pagination) -> SearchPage:
        hits: list[SearchHit] = []
        places: list[str] = []
        pages = self._table.query(schema.owner(owner_id), below=_read_cursor(pagination.cursor), index=schema.BY_PLACE)
        async for page in pages:
            alive = [item for item in page if not self._lifetime.is_over(item)]
            infos = await asyncio.gather(*(self._info(item) for item in alive))
            for item, hit in await call_in_thread(_matches, alive, infos, terms):
                if len(hits) == pagination.first:
                    return SearchPage(hits, cursor=places[-1] if places else None)
                hits.append(hit)
                places.append(str(item["place"]))
        return SearchPage(hits, cursor=None)

    async def ids(self, owner_id: str) -> list[str]:
        """The ids of all threads of an owner."""
        found = await self._table.find(schema.owner(owner_id), prefix="thread#", attributes=["id"])
        return [str(item["id"]) for item in found]

    async def give(self, owner_id: str, to: str) -> list[str]:
        """Thread by thread; one that is cut short is finished by the next."""
        given: list[str] = []

        async def move(thread_id: str) -> None:
            if await self._give(thread_id, owner_id, to):
                given.append(thread_id)

        await each(move, await self.ids(owner_id))
        return given

    async def _give(self, thread_id: str, owner_id: str, to: str) -> bool:
        before = (schema.owner(owner_id), f"thread#{schema.part(thread_id)}")
        while (entry := await self._table.get(before)) is not None:
            if owner_id == to:
                return True
            generation = str(entry["generation"])
            await self.copy_favourites(owner_id, to, thread_id, generation)
            head = items.update(
                schema.head(thread_id),
                {"owner": to},
                add={"version": 1},
                condition={"owner": owner_id, "generation": generation},
            )
            moved = items.put({**entry, "pk": schema.owner(to)})
            try:
                await self._table.transact([head, items.delete(before, {"place": entry["place"]}), moved])
            except ConditionFailed:  # it was written meanwhile
                continue
            await self.drop_favourites(owner_id, thread_id, generation)
            return True
        return False

    async def _first(self, pk: str, below: str, count: int, only: Item) -> list[Item]:
        """The first listings below a place."""
        limit = max(count, _FILTERED) if only else count
        found: list[Item] = []
        async for page in self._table.query(pk, below=below, index=schema.BY_PLACE, limit=limit, only=only):
            found += [item for item in page if not self._lifetime.is_over(item)]
            if len(found) >= count:
                break
        return found[:count]

    async def _everybody(self, below: str, count: int, only: Item) -> list[Item]:
        """The first of everybody's listings; what has moved since the index was written is left out."""

        async def of(number: int) -> list[Item]:
            found: list[Item] = []
            limit = max(count, _FILTERED) if only else count
            pages = self._table.query(
                schema.everybody(number), below=below, index=schema.EVERYBODY, scattered=True, limit=limit, only=only
            )
            async for page in pages:
                found += page
                if len(found) >= count:
                    break
            return found[:count]

        parts = await asyncio.gather(*(of(number) for number in range(schema.SHARDS)))
        first = heapq.nlargest(count, chain.from_iterable(parts), key=lambda item: str(item["place"]))
        keys = [key_of(item) for item in first]
        found = await self._table.get_all(keys)
        there = [found[key] for key in keys if key in found]
        return [item for item in there if not self._lifetime.is_over(item)]

    async def _info(self, item: Item) -> ThreadInfo | None:
        """`None` for a thread that was deleted meanwhile."""
        if "info" in item:
            info = msgspec.json.decode(unpack(item["info"]), type=ThreadInfo)
        else:
            pk, generation = schema.thread(str(item["id"])), str(item["generation"])
            plain = await self._table.get((pk, f"{generation}#{PLAIN}"))
            if plain is None:
                return None
            parts = read_blob(await self._table.find(pk, prefix=f"{generation}#part#{plain.get('blob', '-')}#"))
            info = msgspec.json.decode(body_of(plain, parts, generation), type=State).thread
        return msgspec.structs.replace(info, changed_at=_changed_at(item))

    # --- Favourites ---

    def favourite_key(self, owner_id: str, thread_id: str, generation: str, step_id: str) -> Key:
        return schema.favourites(owner_id), f"{_of_thread(thread_id, generation)}{schema.part(step_id)}"

    def favourite(self, owner_id: str, thread_id: str, generation: str, row: Row) -> Item:
        """Where a favourite is. It counts only while the thread is the owner's and the step says the same."""
        step_id, at = row.step_id or "", row.favourite or ""
        pk, sk = self.favourite_key(owner_id, thread_id, generation, step_id)
        return {
            "pk": pk,
            "sk": sk,
            "place": f"{at[:64]}#{sk}",
            "at": at,
            "thread": thread_id,
            "generation": generation,
            "step": step_id,
            **self._lifetime.of_rest(),
        }

    async def list_favourites(self, owner_id: str, pagination: Pagination) -> FavouritePage:
        below = pagination.cursor or _FIRST
        found: list[tuple[str, Favourite]] = []
        pages = self._table.query(
            schema.favourites(owner_id),
            below=below if _is_text(below) and len(below) < _ID_CHARACTERS * 5 else _FIRST,
            index=schema.BY_PLACE,
            limit=min(pagination.first + 1, 100),
        )
        async for page in pages:
            found += await self._valid(owner_id, page)
            if len(found) > pagination.first:
                break
        shown = found[: pagination.first]
        has_more = bool(shown) and len(found) > len(shown)
        return FavouritePage([favourite for _, favourite in shown], cursor=shown[-1][0] if has_more else None)

    async def _valid(self, owner_id: str, places: Sequence[Item]) -> list[tuple[str, Favourite]]:
        """Of places where favourites were, those where they are, with their cursors."""
        steps = [_step_key(item) for item in places]
        heads = [schema.head(str(item["thread"])) for item in places]
        found = await self._table.get_all([*steps, *heads])
        valid: list[tuple[str, Favourite]] = []
        for item, key, head_key in zip(places, steps, heads, strict=True):
            head, entry = found.get(head_key), found.get(key)
            if head is None or entry is None or self._lifetime.is_over(head):
                continue
            if (head.get("owner"), head["generation"]) != (owner_id, item["generation"]):
                continue
            if entry.get("favourite") == item["at"]:
                step = msgspec.json.decode(await self._body(entry, str(item["generation"])), type=Step)
                valid.append((str(item["place"]), Favourite(str(item["thread"]), step)))
        return valid

    async def _body(self, entry: Item, generation: str) -> bytes:
        parts: dict[str, bytes] = {}
        if "blob" in entry:
            parts = read_blob(await self._table.find(str(entry["pk"]), prefix=f"{generation}#part#{entry['blob']}#"))
        return body_of(entry, parts, generation)

    async def copy_favourites(self, owner_id: str, to: str, thread_id: str, generation: str) -> None:
        """Let a thread's favourites be another owner's, too: they will be when the thread is."""
        found = await self._table.find(schema.favourites(owner_id), prefix=_of_thread(thread_id, generation))
        await self._table.put_all({**item, "pk": schema.favourites(to)} for item in found)

    async def drop_favourites(self, owner_id: str, thread_id: str, generation: str) -> None:
        await self._table.delete_all(await self.favourite_keys(owner_id, thread_id, generation))

    async def favourite_keys(self, owner_id: str, thread_id: str, generation: str) -> list[Key]:
        """Where a thread's favourites are or were."""
        pk = schema.favourites(owner_id)
        found = await self._table.find(pk, prefix=_of_thread(thread_id, generation), attributes=["sk"])
        return [(pk, str(item["sk"])) for item in found]


def _matches(
    found: Sequence[Item], infos: Sequence[ThreadInfo | None], terms: list[Term]
) -> list[tuple[Item, SearchHit]]:
    hits: list[tuple[Item, SearchHit]] = []
    for item, info in zip(found, infos, strict=True):
        if info is not None and (match := excerpt(info.name or "", terms)) is not None:
            hits.append((item, SearchHit(info, None, match.snippet, match.marks)))
    return hits


def _of_thread(thread_id: str, generation: str) -> str:
    return f"{schema.part(thread_id)}#{generation}#"


def _step_key(place: Item) -> Key:
    name = entry_name("steps", str(place["step"]))
    return schema.thread(str(place["thread"])), f"{place['generation']}#{name}"


def _changed_at(item: Item) -> str:
    return schema.moment(int(str(item["place"])[:_PLACE_DIGITS]))


def _read_cursor(cursor: str | None) -> str:
    """Where the page before ended; a cursor that is none of ours begins at the top."""
    digits = (cursor or "")[:_PLACE_DIGITS]
    is_ours = cursor is not None and len(digits) == _PLACE_DIGITS and digits.isascii() and digits.isdecimal()
    return cursor if cursor is not None and is_ours and len(cursor) < 300 and _is_text(cursor) else _FIRST


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
