"""Shares: found by id, and by their thread, with which they go."""

from __future__ import annotations

from contextlib import suppress

import msgspec
from convo.aio import call_in_thread
from convo.datalayer import Share
from convo.errors import NotFoundError
from convo.protocol import State

from convo_dynamodb import items, schema
from convo_dynamodb.items import ANY, Item, Key, pack, unpack
from convo_dynamodb.lifetime import Lifetime
from convo_dynamodb.rows import PART_BYTES
from convo_dynamodb.table import ConditionFailed, Table

__all__ = ["Shares"]

_HEAD = "head"


class Shares:
    """Keeps shares. One counts only while its thread is of the generation it was made in.

    A note in the thread comes first and the share's head last: whatever a crash leaves is found by the note when the
    thread is deleted.
    """

    def __init__(self, table: Table, lifetime: Lifetime) -> None:
        self._table = table
        self._lifetime = lifetime

    async def add(self, share: Share, state: State | None) -> None:
        head = await self._thread(share.thread_id)
        if head is None:
            raise NotFoundError(f"There is no thread `{share.thread_id}` to share.")
        generation, rest = str(head["generation"]), self._lifetime.of_rest()
        still = items.check(schema.head(share.thread_id), {"generation": generation, "owner": ANY})
        pk = schema.share(share.id)
        note: Item = {"pk": schema.thread(share.thread_id), "sk": f"{_of(generation)}{schema.part(share.id)}"}
        pieces: list[Item] = []
        if state is not None:
            body = await call_in_thread(lambda: pack(msgspec.json.encode(state)))
            pieces = [{"pk": pk, "sk": f"part#{n:05}", "body": piece, **rest} for n, piece in enumerate(_cut(body))]
        facts: Item = {"pk": pk, "sk": _HEAD, "id": share.id, "thread": share.thread_id, "generation": generation}
        facts |= {"kind": share.kind, "cot": share.cot, "created_at": share.created_at, "parts": len(pieces)}
        try:
            await self._table.transact([still, items.put({**note, "id": share.id, **rest})])
            await self._table.put_all(pieces)
            await self._table.transact([still, items.put({**facts, **rest})])
        except ConditionFailed as error:
            await self._table.delete_all([*(items.key_of(piece) for piece in pieces), items.key_of(note)])
            raise NotFoundError(f"The thread `{share.thread_id}` was deleted.") from error

    async def get(self, share_id: str) -> Share | None:
        item = await self._head(share_id)
        return None if item is None else _share(item)

    async def get_state(self, share_id: str) -> State | None:
        item = await self._head(share_id)
        if item is None or not item.get("parts"):
            return None
        found = await self._table.find(schema.share(share_id), prefix="part#")
        if len(found) < int(item["parts"]):  # revoked meanwhile
            return None
        pieces = [piece["body"] for piece in found]
        body = pieces[0] if isinstance(pieces[0], str) else b"".join(pieces)
        state: State = await call_in_thread(lambda: msgspec.json.decode(unpack(body), type=State))
        return state

    async def of_thread(self, thread_id: str) -> list[Share]:
        head = await self._thread(thread_id)
        if head is None:
            return []
        notes = await self._table.find(schema.thread(thread_id), prefix=_of(str(head["generation"])))
        found = await self._table.get_all([(schema.share(str(note["id"])), _HEAD) for note in notes])
        shares = [_share(item) for item in found.values() if "revoked_at" not in item]
        return sorted(shares, key=lambda share: share.created_at, reverse=True)

    async def revoke(self, share_id: str, at: str) -> None:
        key = schema.share(share_id), _HEAD
        known = {"sk": ANY, "revoked_at": None}
        with suppress(ConditionFailed):  # there is none, or it is revoked: what a crash left of it is dropped
            await self._table.update(items.update(key, {"revoked_at": at, "parts": 0}, condition=known))
        parts = await self._table.find(key[0], prefix="part#", attributes=["sk"])
        await self._table.delete_all((key[0], str(piece["sk"])) for piece in parts)

    async def keys(self, thread_id: str, generation: str) -> list[Key]:
        """Where all of a thread's shares is; the notes that lead there come last."""
        pk = schema.thread(thread_id)
        notes = await self._table.find(pk, prefix=_of(generation))
        found: list[Key] = []
        for note in notes:
            place = schema.share(str(note["id"]))
            found += [(place, str(item["sk"])) for item in await self._table.find(place, attributes=["sk"])]
        return found + [(pk, str(note["sk"])) for note in notes]

    async def _head(self, share_id: str) -> Item | None:
        """A share's head, if its thread is there."""
        item = await self._table.get((schema.share(share_id), _HEAD))
        thread = None if item is None else await self._thread(str(item["thread"]))
        return item if item is not None and thread is not None and thread["generation"] == item["generation"] else None

    async def _thread(self, thread_id: str) -> Item | None:
        """The head of a thread that is stored."""
        head = await self._table.get(schema.head(thread_id))
        return head if head is not None and "owner" in head and not self._lifetime.is_over(head) else None


def _of(generation: str) -> str:
    return f"share#{generation}#"


def _cut(body: str | bytes) -> list[str | bytes]:
    """Packed JSON as items can hold it; what is text is short."""
    return [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)]


def _share(item: Item) -> Share:
    return Share(
        id=str(item["id"]),
        thread_id=str(item["thread"]),
        kind=item["kind"],
        cot=item["cot"],
        created_at=str(item["created_at"]),
        revoked_at=item.get("revoked_at"),
    )
